// AWS Secrets Manager: secrets, their versions and staging labels, deletion with a recovery window.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html (its SDK is no
// dependency of ours: typed by hand)

import { createHash } from "node:crypto";
import { AwsError, type AwsService, type SimulatorClock } from "../contract.ts";
import { regionalArn } from "../iam/partitions.ts";
import {
  createVersion,
  currentStage,
  type Secret,
  type SecretValue,
  type Version,
  versionOf,
  withStages,
} from "./versions.ts";

export interface SecretsManager {
  readonly service: AwsService;
  /**
   * Creates the secret, or gives it a new value; returns its ARN. With a full ARN it may belong to
   * another region or account.
   */
  put(nameOrArn: string, value: string): string;
  /**
   * The full ARN of a secret by name, ARN or partial ARN; the given id if it does not exist. IAM
   * checks it.
   */
  arnOf(secretId: string): string;
  /** The value as text; "" for a binary one. Throws like GetSecretValue. */
  read(secretId: string, stage?: string, versionId?: string): string;
  /** Every value so far, for tests that search for leaks. */
  values(): readonly string[];
}

interface SecretInput extends SecretValue {
  readonly SecretId?: string;
}

interface CreateInput extends SecretValue {
  readonly Name?: string;
  readonly Description?: string;
  readonly KmsKeyId?: string;
  readonly Tags?: readonly Tag[];
  readonly ClientRequestToken?: string;
}

interface PutInput extends SecretInput {
  readonly ClientRequestToken?: string;
  readonly VersionStages?: readonly string[];
}

interface GetInput extends SecretInput {
  readonly VersionId?: string;
  readonly VersionStage?: string;
}

interface DeleteInput extends SecretInput {
  readonly RecoveryWindowInDays?: number;
  readonly ForceDeleteWithoutRecovery?: boolean;
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const dayMilliseconds = 86_400_000;
const defaultRecoveryWindowDays = 30;
const maxSecretBytes = 65_536;

export function createSecretsManager(options: {
  readonly clock: SimulatorClock;
  readonly region: string;
  readonly accountId: string;
}): SecretsManager {
  const store = new SecretStore(options);
  const operations = {
    CreateSecret: (input: CreateInput) => store.create(input),
    PutSecretValue: (input: PutInput) => store.put(input),
    GetSecretValue: (input: GetInput) => store.read(input),
    DescribeSecret: (input: SecretInput) => describe(store.require(input.SecretId)),
    DeleteSecret: (input: DeleteInput) => store.delete(input),
    RestoreSecret: (input: SecretInput) => store.restore(input),
  };
  return {
    service: { operations },
    put(nameOrArn, value) {
      if (store.find(nameOrArn)) return store.put({ SecretId: nameOrArn, SecretString: value }).ARN;
      const [, name = nameOrArn] = /^arn:.*:secret:(.+)-[A-Za-z0-9]{6}$/.exec(nameOrArn) ?? [];
      return store.create(
        { Name: name, SecretString: value },
        name === nameOrArn ? undefined : nameOrArn,
      ).ARN;
    },
    arnOf: (secretId) => store.find(secretId)?.arn ?? secretId,
    read: (SecretId, VersionStage, VersionId) =>
      store.read({
        SecretId,
        ...(VersionStage === undefined ? {} : { VersionStage }),
        ...(VersionId === undefined ? {} : { VersionId }),
      }).SecretString ?? "",
    values: () => store.values(),
  };
}

class SecretStore {
  readonly #clock: SimulatorClock;
  /** `arn:aws:secretsmanager:REGION:ACCOUNT:secret:` */
  readonly #prefix: string;
  #secrets: Secret[] = [];
  /** Including those of deleted secrets. */
  readonly #values = new Set<string>();
  #count = 0;

  constructor({ clock, region, accountId }: Parameters<typeof createSecretsManager>[0]) {
    this.#clock = clock;
    this.#prefix = regionalArn({ region, accountId }, "secretsmanager", "secret:");
  }

  /** By name, ARN, or ARN without its six random characters. */
  find(id: string): Secret | undefined {
    const now = this.#clock.now();
    this.#secrets = this.#secrets.filter(
      (one) => one.deletion === undefined || one.deletion.at > now,
    );
    return this.#secrets.find(
      (one) => one.arn === id || one.name === id || one.arn.slice(0, -7) === id,
    );
  }

  require(id: string | undefined): Secret {
    if (!id) throw invalidParameter("You must provide a value for SecretId.");
    const found = this.find(id);
    if (!found) throw notFound("Secrets Manager can't find the specified secret.");
    return found;
  }

  #requireLiving(id: string | undefined): Secret {
    const found = this.require(id);
    if (found.deletion !== undefined) {
      throw invalidRequest(
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
    }
    return found;
  }

  create(input: CreateInput, arn = this.#newArn(input.Name)) {
    const {
      Name: name = "",
      Description: description,
      KmsKeyId: kmsKeyId,
      Tags: tags = [],
    } = input;
    if (!/^[\w/+=.@-]{1,512}$/.test(name)) {
      throw new AwsError(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the " +
          "following: -/_+=.@!",
      );
    }
    const found = this.find(arn) ?? this.find(name);
    if (found?.deletion !== undefined) {
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for " +
          "deletion.",
      );
    }
    if (found) {
      throw new AwsError(
        "ResourceExistsException",
        `The operation failed because the secret ${name} already exists.`,
      );
    }
    const now = this.#clock.now();
    const secret: Secret = {
      name,
      arn,
      ...(description === undefined ? {} : { description }),
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
      tags,
      createdAt: now,
      changedAt: now,
      versions: [],
    };
    const version = hasValue(input) ? this.#add(secret, input, [currentStage]) : undefined;
    this.#secrets.push(secret);
    return { ARN: secret.arn, Name: name, ...(version ? { VersionId: version.id } : {}) };
  }

  #newArn(name = ""): string {
    const letters = this.#random("base64url").replace(/[^A-Za-z0-9]/g, "");
    return `${this.#prefix}${name}-${letters.slice(0, 6)}`;
  }

  put(input: PutInput) {
    const secret = this.#requireLiving(input.SecretId);
    if (!hasValue(input))
      throw invalidParameter("You must provide either SecretString or SecretBinary.");
    const version = this.#add(secret, input, input.VersionStages ?? [currentStage]);
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      VersionStages: [...version.stages],
    };
  }

  /** The same token with the same value is the same version: a repeated request changes nothing. */
  #add(
    secret: Secret,
    input: SecretValue & { readonly ClientRequestToken?: string },
    stages: readonly string[],
  ): Version {
    const { SecretString: text, SecretBinary: binary, ClientRequestToken: token } = input;
    if (text !== undefined && binary !== undefined) {
      throw invalidParameter("You can't specify both SecretString and SecretBinary.");
    }
    if (Buffer.byteLength(text ?? binary ?? "") > maxSecretBytes) {
      throw invalidParameter("The secret value is longer than 65536 bytes.");
    }
    const known = secret.versions.find((one) => one.id === token);
    if (known && (known.SecretString !== text || known.SecretBinary !== binary)) {
      throw new AwsError(
        "ResourceExistsException",
        "You can't modify an existing version, you can only create a new version.",
      );
    }
    if (known) return known;
    if (text !== undefined) this.#values.add(text);
    if (binary !== undefined) this.#values.add(binary);
    const hex = this.#random("hex");
    const id =
      token ??
      [8, 12, 16, 20].reduceRight(
        (left, at) => `${left.slice(0, at)}-${left.slice(at)}`,
        hex.slice(0, 32),
      );
    const version = createVersion(id, input, this.#clock.now());
    secret.versions = withStages([...secret.versions, version], version, stages);
    secret.changedAt = this.#clock.now();
    return version;
  }

  read(input: GetInput) {
    const secret = this.#requireLiving(input.SecretId);
    const version = versionOf(secret, input.VersionId, input.VersionStage);
    secret.accessedAt = this.#clock.now();
    const { SecretString, SecretBinary } = version;
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      ...(SecretString === undefined ? {} : { SecretString }),
      ...(SecretBinary === undefined ? {} : { SecretBinary }),
      VersionStages: [...version.stages],
      CreatedDate: new Date(version.createdAt),
    };
  }

  delete(input: DeleteInput) {
    const {
      RecoveryWindowInDays: window,
      ForceDeleteWithoutRecovery: force = false,
      SecretId: id = "",
    } = input;
    if (force && window !== undefined) {
      throw invalidParameter(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      );
    }
    if (window !== undefined && !(window >= 7 && window <= 30)) {
      throw invalidParameter(
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
      );
    }
    const now = this.#clock.now();
    // With force, a secret that does not exist or is being deleted is no error.
    const secret = force ? this.find(id) : this.#requireLiving(id);
    const at = force ? now : now + (window ?? defaultRecoveryWindowDays) * dayMilliseconds;
    if (secret) secret.deletion = { askedAt: now, at };
    return { ARN: secret?.arn ?? id, Name: secret?.name ?? id, DeletionDate: new Date(at) };
  }

  restore(input: SecretInput) {
    const secret = this.require(input.SecretId);
    delete secret.deletion;
    return { ARN: secret.arn, Name: secret.name };
  }

  values(): readonly string[] {
    return [...this.#values];
  }

  /** Differs for each call, but not between runs: transcripts of scenarios do not change. */
  #random(encoding: "hex" | "base64url"): string {
    return createHash("sha256")
      .update(`${this.#prefix}${++this.#count}`)
      .digest(encoding);
  }
}

function describe(secret: Secret) {
  const stages = secret.versions
    .filter((one) => one.stages.length > 0)
    .map((one) => [one.id, [...one.stages]]);
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description === undefined ? {} : { Description: secret.description }),
    ...(secret.kmsKeyId === undefined ? {} : { KmsKeyId: secret.kmsKeyId }),
    CreatedDate: new Date(secret.createdAt),
    LastChangedDate: new Date(secret.changedAt),
    // AWS returns the day, not the hour.
    ...(secret.accessedAt === undefined
      ? {}
      : { LastAccessedDate: new Date(secret.accessedAt - (secret.accessedAt % dayMilliseconds)) }),
    ...(secret.deletion === undefined ? {} : { DeletedDate: new Date(secret.deletion.askedAt) }),
    Tags: [...secret.tags],
    VersionIdsToStages: Object.fromEntries(stages),
  };
}

const hasValue = (input: SecretValue): boolean =>
  input.SecretString !== undefined || input.SecretBinary !== undefined;
const notFound = (message: string) => new AwsError("ResourceNotFoundException", message);
const invalidParameter = (message: string) => new AwsError("InvalidParameterException", message);
const invalidRequest = (message: string) => new AwsError("InvalidRequestException", message);
