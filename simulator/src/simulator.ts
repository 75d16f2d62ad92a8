// The whole simulated account in one object. Pass it to `serve` (http.ts) or `sdkRequestHandler`
// (sdk-handler.ts).

import type { GetAuthorizationTokenResponse } from "@aws-sdk/client-ecr";
import { autoscaling } from "./autoscaling/autoscaling.ts";
import { RealClock } from "./clock.ts";
import type {
  AwsService,
  FaultQueue,
  Principal,
  RecordedCall,
  SimulatorClock,
  TaskLaunch,
  TaskRunner,
} from "./contract.ts";
import type { EcrAdmin } from "./ecr/admin.ts";
import type { Ecr, EcrOptions } from "./ecr/ecr.ts";
import { createRegistries, type Registries } from "./ecr/registries.ts";
import { createEcs, type Ecs, type EcsOptions } from "./ecs/ecs.ts";
import { createAuthorizer } from "./iam/authorizer.ts";
import { type Credentials, createCredentials } from "./iam/credentials.ts";
import { createIam, type Iam, sessionArn } from "./iam/iam.ts";
import { type AccountRegion, iamArn, partitionOf } from "./iam/partitions.ts";
import { createLogs, type Logs } from "./logs/logs.ts";
import { createOidc, githubIssuer, type Job, type Oidc } from "./oidc/oidc.ts";
import { createS3, type S3 } from "./s3/s3.ts";
import { createSecretsManager, type SecretsManager } from "./secrets-manager/secrets-manager.ts";
import { createParameterStore } from "./ssm/ssm.ts";
import { createSts, type Sts } from "./sts/sts.ts";
import { Faults } from "./wire/faults.ts";
import { type Bucket, createThrottle } from "./wire/throttling.ts";
import { createWire, type Wire } from "./wire/wire.ts";

/** Milliseconds; longer than any pull. */
const sessionMilliseconds = 3_600_000;

export interface SimulatorOptions {
  /** What runs the tasks. */
  readonly runner: TaskRunner;
  /** Default: the real one. */
  readonly clock?: SimulatorClock;
  readonly region?: string;
  readonly accountId?: string;
  /**
   * The system clock, for checking signatures and for the `date` header. Default: neither, because
   * in memory requests are signed with the real time, while the simulator has its own.
   */
  readonly wallClock?: (() => number) | undefined;
  /** Host in image references; unset: see `hostFor` in wire.ts. */
  readonly registryHost?: string;
  /** The GitHub job that deploys, where it differs from DEFAULT_JOB. */
  readonly job?: Partial<Job> | undefined;
  /** Token buckets, for instance `ecsBuckets`. Default: no call is refused for its rate. */
  readonly throttling?: readonly Bucket[];
  readonly ecr?: Omit<EcrOptions, "tokens" | "clock" | "region" | "accountId" | "registryHost">;
  readonly ecs?: Omit<
    EcsOptions,
    "clock" | "region" | "accountId" | "runner" | "images" | "logs" | "account"
  >;
}

/** The task that pulls: the session is of its execution role and has its id. */
type PullingTask = Pick<TaskLaunch, "executionRoleArn" | "taskId">;

export interface Simulator extends Wire {
  readonly clock: SimulatorClock;
  readonly region: string;
  readonly accountId: string;
  /** Every call that arrived, in order. */
  readonly calls: readonly RecordedCall[];
  readonly faults: FaultQueue;
  readonly credentials: Credentials;
  readonly oidc: Oidc;
  /** The permissions of each role, checked as in AWS's services. */
  readonly iam: Iam;
  readonly roles: Iam["roles"];
  /** The identity providers of the account. */
  readonly providers: Sts["providers"];
  readonly ecr: Ecr;
  /** ECR of another account or region: what is omitted is the simulator's own. */
  registryAt(place: Partial<AccountRegion>): EcrAdmin;
  readonly ecs: Ecs;
  readonly logs: Logs;
  readonly secretsManager: SecretsManager;
  readonly s3: S3;
  /**
   * Parameter Store: value by name; by ARN for a parameter of another region, or one that another
   * account shares.
   */
  readonly parameters: Map<string, string>;
  /**
   * The variables with which a job's process reaches this simulator: the runner's two OIDC
   * variables, and AWS_ENDPOINT_URL.
   */
  environment(url: string): Readonly<Record<string, string>>;
  /**
   * A registry password (user `AWS`): for a task's own pull with its execution role, as in ECS,
   * otherwise root's. Not in the call log.
   */
  registryPassword(launch?: PullingTask): string;
  /** Every secret issued so far: none may be found in a log, a file or an argument list. */
  secrets(): readonly string[];
}

interface SimulatedPlace {
  readonly clock: SimulatorClock;
  readonly region: string;
  readonly accountId: string;
}

export function createSimulator(options: SimulatorOptions): Simulator {
  const {
    runner,
    clock = new RealClock(),
    region = "us-east-1",
    accountId = "123456789012",
    registryHost,
    job,
    wallClock,
  } = options;
  const place = { clock, region, accountId };
  const host = registryHost === undefined ? {} : { registryHost };

  const { credentials, oidc, iam, sts } = createIdentity({ place, job, wallClock });
  const logs = createLogs(place);
  const secretsManager = createSecretsManager(place);
  const secretArn = secretsManager.arnOf;
  const s3 = createS3(place);
  const hasObject = (bucket: string, key: string) => s3.read(bucket, key) !== undefined;
  const repositoryDenial: Registries["denialOf"] = (...asked) => registries.denialOf(...asked);
  const resources = { secretArn, hasObject, repositoryDenial, ecs: () => ecs.service };
  const gate = createAuthorizer({ ...place, ...resources, credentials, iam });
  const authorize = gate.denialMessage;
  const registries = createRegistries({ authorize, ...options.ecr, ...place, ...host });
  const { home: ecr, repositoryOf } = registries;
  const parameters = new Map<string, string>();
  const account = { iam, secretsManager, parameters, repositoryOf, repositoryDenial };
  const world = { runner, images: registries, logs, account };
  const ecs: Ecs = createEcs({ ...options.ecs, ...place, ...world });

  const faults = new Faults();
  const calls: RecordedCall[] = [];
  const ssm = createParameterStore(parameters, place);
  const services = servicesOf({ ecr, ecs, logs, secretsmanager: secretsManager, s3, sts, ssm });
  const wire = createWire({
    ...place,
    ...host,
    services,
    ecrIn: registries.api,
    registry: registries.registry,
    oidc: oidc.handle,
    credentials,
    authorize: gate.authorize,
    faults,
    throttle: createThrottle(options.throttling ?? [], clock),
    calls,
    wallClock,
  });

  const rooms = { credentials, oidc, iam, ecr, ecs, logs, secretsManager, s3, parameters };
  return {
    ...place,
    ...wire,
    ...rooms,
    calls,
    faults,
    roles: iam.roles,
    providers: sts.providers,
    registryAt: (at) => registries.at(at).repositories,
    environment: (url) => ({ AWS_ENDPOINT_URL: url, ...oidc.environment(url) }),
    registryPassword: (launch) =>
      registryPassword(ecr, pullingPrincipal({ ...place, credentials }, launch)),
    secrets: () => collectSecrets({ oidc, credentials, registries, secretsManager }),
  };
}

/** Identity: GitHub's tokens, the account's roles, and the credentials that STS issues for both. */
function createIdentity({
  place,
  job,
  wallClock,
}: Pick<SimulatorOptions, "job" | "wallClock"> & { readonly place: SimulatedPlace }) {
  const credentials = createCredentials({ ...place, wallClock });
  const oidc = createOidc({ clock: place.clock, ...(job && { job }) });
  const iam = createIam();
  const sts = createSts({ ...place, credentials, iam });
  sts.providers.put({
    url: githubIssuer,
    clientIds: [`sts.${partitionOf(place.region).dnsSuffix}`],
    keys: oidc.jwks,
  });
  return { credentials, oidc, iam, sts };
}

/** The services that have operations, by the name that the wire uses. */
function servicesOf(rooms: Readonly<Record<string, { readonly service: AwsService }>>) {
  const withoutState = { "application-autoscaling": autoscaling };
  return Object.fromEntries(
    Object.entries({ ...rooms, ...withoutState }).map(([name, { service }]) => [name, service]),
  );
}

function collectSecrets(
  of: Pick<Simulator, "oidc" | "credentials" | "secretsManager"> & {
    readonly registries: Registries;
  },
): readonly string[] {
  const keys = [...of.oidc.secrets(), ...of.credentials.secrets()];
  return [...keys, ...of.registries.passwords(), ...of.secretsManager.values()];
}

function pullingPrincipal(
  {
    region,
    accountId,
    clock,
    credentials,
  }: Pick<Simulator, "region" | "accountId" | "clock" | "credentials">,
  launch: PullingTask | undefined,
): Principal {
  const { executionRoleArn: roleArn, taskId: name = "" } = launch ?? {};
  if (roleArn === undefined)
    return { accountId, arn: iamArn({ region, accountId }, "root"), accessKeyId: "test" };
  const session = {
    arn: sessionArn(roleArn, name),
    userId: name,
    expiresAt: clock.now() + sessionMilliseconds,
  };
  return credentials.issue({ ...session, role: { roleArn, name } }).principal;
}

function registryPassword(ecr: Ecr, principal: Principal): string {
  const context = { principal, host: "localhost", requestId: "task" };
  const answer = ecr.service.operations["GetAuthorizationToken"]?.(
    {},
    context,
  ) as GetAuthorizationTokenResponse;
  const [token = ""] = (answer.authorizationData ?? []).map(
    ({ authorizationToken = "" }) => authorizationToken,
  );
  return Buffer.from(token, "base64").toString().slice("AWS:".length);
}
