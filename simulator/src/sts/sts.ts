// AWS STS as far as a deployment needs it: an OIDC token becomes the session of a role.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html

import { createHash, type JsonWebKey } from "node:crypto";
import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
  GetCallerIdentityResponse,
} from "@aws-sdk/client-sts";
import { AwsError, type AwsService, type CallContext, type SimulatorClock } from "../contract.ts";
import type { Credentials } from "../iam/credentials.ts";
import { type Iam, type PolicyDocument, sessionArn } from "../iam/iam.ts";
import { iamArn, partitionOf } from "../iam/partitions.ts";
import { checkPolicy } from "../iam/policy.ts";
import { isTrusted } from "../iam/trust-policy.ts";
import { type Claims, decodeJwt, signedBy } from "../oidc/jwt.ts";

/** An IAM OIDC identity provider. */
interface IdentityProvider {
  /** Issuer with `https://`. */
  readonly url: string;
  /** Audiences that tokens may have. */
  readonly clientIds: readonly string[];
  /** The issuer's public keys, as in its JWKS. */
  readonly keys: readonly (JsonWebKey & { readonly kid: string })[];
}

export interface Sts {
  readonly service: AwsService;
  readonly providers: { put(provider: IdentityProvider): void; remove(url: string): void };
}

/** The claims that STS offers as condition keys; all others are unknown to a trust policy. */
const conditionClaims = [
  "sub",
  "aud",
  "actor",
  "actor_id",
  "job_workflow_ref",
  "repository",
  "repository_id",
  "workflow",
  "ref",
  "environment",
  "enterprise_id",
];

const assumeRoleAction = "sts:AssumeRoleWithWebIdentity";
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining */
const maxChainedSeconds = 3600;

interface StsOptions {
  readonly clock: SimulatorClock;
  readonly region: string;
  readonly accountId: string;
  readonly credentials: Credentials;
  readonly iam: Pick<Iam, "roles" | "managedPolicies">;
}

export function createSts(options: StsOptions): Sts {
  const { clock, credentials, iam } = options;
  const providers = new Map<string, IdentityProvider>();

  const assumeRoleWithWebIdentity = (
    input: Partial<AssumeRoleWithWebIdentityRequest>,
  ): AssumeRoleWithWebIdentityResponse => {
    const { RoleArn, RoleSessionName, duration } = checkedInput(input);
    requireOwnPartition(options, RoleArn);
    const { WebIdentityToken = "" } = input;
    // No message contains a token's value, even if it is wrong.
    if (WebIdentityToken.length < 4)
      throw constraint(
        "webIdentityToken",
        "***",
        "Member must have length greater than or equal to 4",
      );
    const { claims, provider } = verifiedToken(WebIdentityToken, providers, clock.now());
    const federated = iamArn(options, `oidc-provider/${hostOf(provider)}`);
    const role = iam.roles.find(RoleArn);
    // The same response whether the role is unknown or does not trust this token: STS does not
    // reveal which roles exist.
    if (
      !role ||
      !isTrusted(role.trustPolicy, {
        action: assumeRoleAction,
        by: { Federated: federated },
        context: contextOf(claims, provider),
      })
    ) {
      throw new AwsError("AccessDenied", `Not authorized to perform ${assumeRoleAction}`, 403);
    }
    return {
      SubjectFromWebIdentityToken: String(claims["sub"]),
      Audience: String(claims["aud"]),
      Provider: federated,
      ...openSession(options, input, {
        RoleArn,
        RoleSessionName,
        duration,
        longest: role.maxSessionDuration,
      }),
    };
  };

  const getCallerIdentity = (
    _input: unknown,
    { principal }: CallContext,
  ): GetCallerIdentityResponse => ({
    UserId: credentials.find(principal.accessKeyId)?.userId,
    Account: principal.accountId,
    Arn: principal.arn,
  });

  return {
    service: {
      operations: {
        AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
        AssumeRole: (input: Partial<AssumeRoleRequest>, { principal }: CallContext) =>
          assumeRole(options, input, principal),
        GetCallerIdentity: getCallerIdentity,
      },
    },
    providers: {
      put: (provider) => void providers.set(provider.url, provider),
      remove: (url) => void providers.delete(url),
    },
  };
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function assumeRole(
  options: StsOptions,
  input: Partial<AssumeRoleRequest>,
  principal: CallContext["principal"],
): AssumeRoleResponse {
  const { credentials, iam } = options;
  const { RoleArn, RoleSessionName, duration } = checkedInput(input);
  requireOwnPartition(options, RoleArn);
  const caller = credentials.find(principal.accessKeyId)?.role?.roleArn;
  const names = [
    iamArn({ ...options, accountId: principal.accountId }, "root"),
    principal.accountId,
    principal.arn,
    caller ?? [],
  ].flat();
  const role = iam.roles.find(RoleArn);
  const trusted =
    role &&
    isTrusted(role.trustPolicy, { action: "sts:AssumeRole", by: { AWS: names }, context: {} });
  if (!trusted)
    throw new AwsError(
      "AccessDenied",
      `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      403,
    );
  if (caller !== undefined && duration > maxChainedSeconds)
    throw invalid(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by " +
        "role chaining.",
    );
  return openSession(options, input, {
    RoleArn,
    RoleSessionName,
    duration,
    longest: role.maxSessionDuration,
  });
}

/** Roles of other partitions are refused because of the form of their ARN. */
function requireOwnPartition(options: StsOptions, roleArn: string): void {
  const [, partition] = roleArn.split(":");
  if (partition !== partitionOf(options.region).name) throw invalid("Request ARN is invalid");
}

interface SessionRequest {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  /** Seconds. */
  readonly duration: number;
  /** The role's own limit, seconds. */
  readonly longest: number | undefined;
}

function openSession(
  { clock, credentials, iam }: StsOptions,
  input: Partial<AssumeRoleRequest>,
  { RoleArn, RoleSessionName, duration, longest = 3600 }: SessionRequest,
): Required<Pick<AssumeRoleResponse, "AssumedRoleUser" | "Credentials">> {
  if (duration > longest)
    throw invalid(
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  const arn = sessionArn(RoleArn, RoleSessionName);
  const userId = `${roleId(RoleArn)}:${RoleSessionName}`;
  const expiresAt = (Math.floor(clock.now() / 1000) + duration) * 1000;
  const key = credentials.issue({
    arn,
    userId,
    expiresAt,
    role: { roleArn: RoleArn, name: RoleSessionName, ...sessionPolicies(input, iam) },
  });
  return {
    AssumedRoleUser: { Arn: arn, AssumedRoleId: userId },
    Credentials: {
      AccessKeyId: key.principal.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      SessionToken: key.sessionToken,
      Expiration: new Date(expiresAt),
    },
  };
}

/** The input that AssumeRole and AssumeRoleWithWebIdentity share. */
function checkedInput(input: Partial<AssumeRoleRequest>) {
  const { RoleArn = "", RoleSessionName = "", Policy, PolicyArns = [] } = input;
  const duration = Number(input.DurationSeconds ?? 3600);
  if (RoleArn.length < 20)
    throw constraint("roleArn", RoleArn, "Member must have length greater than or equal to 20");
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(RoleArn))
    throw invalid(`${RoleArn} is invalid`);
  if (RoleSessionName.length < 2)
    throw constraint(
      "roleSessionName",
      RoleSessionName,
      "Member must have length greater than or equal to 2",
    );
  if (RoleSessionName.length > 64)
    throw constraint(
      "roleSessionName",
      RoleSessionName,
      "Member must have length less than or equal to 64",
    );
  if (!/^[\w+=,.@-]*$/.test(RoleSessionName)) {
    throw constraint(
      "roleSessionName",
      RoleSessionName,
      "Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    );
  }
  if (!(duration >= 900))
    throw constraint(
      "durationSeconds",
      String(input.DurationSeconds),
      "Member must have value greater than or equal to 900",
    );
  if (duration > 43_200)
    throw constraint(
      "durationSeconds",
      String(duration),
      "Member must have value less than or equal to 43200",
    );
  if (PolicyArns.length > 10)
    throw constraint(
      "policyArns",
      `${PolicyArns.length} members`,
      "Member must have length less than or equal to 10",
    );
  const plaintext =
    (Policy ?? "").length + PolicyArns.reduce((length, { arn = "" }) => length + arn.length, 0);
  if (plaintext > 2048)
    throw constraint(
      "policy",
      `${plaintext} characters`,
      "Member must have length less than or equal to 2048",
    );
  if (Policy !== undefined && !isJson(Policy))
    throw new AwsError("MalformedPolicyDocument", "Syntax errors in policy.");
  return { RoleArn, RoleSessionName, duration };
}

/**
 * Absent without session policies. With session policies of either kind, the session may do what
 * both one of them and the role allow.
 */
function sessionPolicies(
  { Policy, PolicyArns = [] }: Partial<AssumeRoleRequest>,
  iam: Pick<Iam, "managedPolicies">,
): { readonly policies?: readonly PolicyDocument[] } {
  if (Policy === undefined && PolicyArns.length === 0) return {};
  // A managed policy that was never put allows nothing: a session must not do more than the
  // simulator can check.
  const managed = PolicyArns.flatMap(({ arn = "" }) => iam.managedPolicies.find(arn) ?? []);
  const inline = Policy === undefined ? [] : [JSON.parse(Policy) as PolicyDocument];
  for (const policy of inline) checkPolicy(policy);
  return { policies: [...inline, ...managed] };
}

function verifiedToken(
  token: string,
  providers: ReadonlyMap<string, IdentityProvider>,
  now: number,
): { claims: Claims; provider: IdentityProvider } {
  const jwt = decodeJwt(token);
  if (!jwt)
    throw badToken(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access " +
        "Token)",
    );
  const { header, claims } = jwt;
  const provider = providers.get(String(claims["iss"]));
  if (!provider)
    throw badToken(`No OpenIDConnect provider found in your account for ${String(claims["iss"])}`);
  const key = provider.keys.find(({ kid }) => kid === header.kid);
  if (!key)
    throw badToken(
      "Couldn't retrieve verification key from your identity provider,  please reference " +
        "AssumeRoleWithWebIdentity documentation for requirements",
    );
  if (header.alg !== "RS256" || !signedBy(token, key))
    throw badToken("The signature of the provided token is invalid");
  const seconds = Math.floor(now / 1000);
  if (!(Number(claims["exp"]) > seconds)) {
    const message =
      `Token expired: current date/time ${seconds} must be before the expiration date/time ` +
      `${String(claims["exp"])}`;
    throw new AwsError("ExpiredTokenException", message);
  }
  if (!provider.clientIds.includes(String(claims["aud"])))
    throw badToken("Incorrect token audience");
  return { claims, provider };
}

function contextOf(claims: Claims, provider: IdentityProvider): Record<string, string> {
  const present = conditionClaims.filter((claim) => claims[claim] !== undefined);
  return Object.fromEntries(
    present.map((claim) => [`${hostOf(provider)}:${claim}`, String(claims[claim])]),
  );
}

function hostOf(provider: IdentityProvider): string {
  return provider.url.replace(/^https:\/\//, "");
}

/**
 * Always the same for the same role:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
function roleId(roleArn: string): string {
  return `AROA${createHash("sha256").update(roleArn).digest("hex").toUpperCase().slice(0, 17)}`;
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function constraint(member: string, value: string, rule: string): AwsError {
  return invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy ` +
      `constraint: ${rule}`,
  );
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

function badToken(message: string): AwsError {
  return new AwsError("InvalidIdentityToken", message);
}
