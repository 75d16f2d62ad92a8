// "AWS in a box": every room of the simulator in one object. Pass it to `serve` (http.ts) or `sdkRequestHandler` (sdk-handler.ts).

import type { GetAuthorizationTokenResponse } from "@aws-sdk/client-ecr";
import { RealClock } from "./clock.ts";
import type { FaultQueue, RecordedCall, TaskRunner, WorldClock } from "./contract.ts";
import { type Credentials, createCredentials } from "./credentials.ts";
import { createEcr, type Ecr, type EcrOptions } from "./ecr/ecr.ts";
import { createEcs, type Ecs, type EcsOptions } from "./ecs/ecs.ts";
import { Faults } from "./faults.ts";
import { createIam, type Iam } from "./iam.ts";
import { createLogs, type Logs } from "./logs.ts";
import { createOidc, GITHUB_ISSUER, type Job, type Oidc } from "./oidc.ts";
import { createSts, type Sts } from "./sts.ts";
import { createWire, type Wire } from "./wire.ts";

export interface SimulatorOptions {
  /** What brings tasks to life. */
  readonly runner: TaskRunner;
  /** Default: the real one. */
  readonly clock?: WorldClock;
  readonly region?: string;
  readonly accountId?: string;
  /** Host in image references; unset: see `hostFor` in wire.ts. */
  readonly registryHost?: string;
  /** The GitHub job that deploys, as far as it is not DEFAULT_JOB. */
  readonly job?: Partial<Job>;
  readonly ecr?: Omit<EcrOptions, "clock" | "region" | "accountId" | "registryHost">;
  readonly ecs?: Omit<EcsOptions, "clock" | "region" | "accountId" | "runner" | "images" | "logs">;
}

export interface Simulator extends Wire {
  readonly clock: WorldClock;
  readonly region: string;
  readonly accountId: string;
  /** Every call that arrived, in order. */
  readonly calls: readonly RecordedCall[];
  readonly faults: FaultQueue;
  readonly credentials: Credentials;
  readonly oidc: Oidc;
  /** What each role may do, asked as AWS's services ask it. */
  readonly iam: Iam;
  readonly roles: Iam["roles"];
  /** The identity providers that the account knows. */
  readonly providers: Sts["providers"];
  readonly ecr: Ecr;
  readonly ecs: Ecs;
  readonly logs: Logs;
  /** What makes a process of a job talk to this simulator: the runner's two OIDC variables, and AWS_ENDPOINT_URL. */
  environment(url: string): Readonly<Record<string, string>>;
  /** A registry password (user `AWS`) for a task's own pull, as ECS gets one with the execution role; not in the call log. */
  registryPassword(): string;
  /** Every secret handed out so far: none may be found in a log, a file or an argument list. */
  secrets(): readonly string[];
}

export function createSimulator(options: SimulatorOptions): Simulator {
  const {
    runner,
    clock = new RealClock(),
    region = "us-east-1",
    accountId = "123456789012",
    registryHost,
    job,
  } = options;
  const place = { clock, region, accountId };
  const host = registryHost === undefined ? {} : { registryHost };

  const credentials = createCredentials(place);
  const oidc = createOidc({ clock, ...(job && { job }) });
  const iam = createIam();
  const sts = createSts({ clock, accountId, credentials, iam });
  sts.providers.put({ url: GITHUB_ISSUER, clientIds: ["sts.amazonaws.com"], keys: oidc.jwks });
  const logs = createLogs(place);
  const ecr = createEcr({ ...options.ecr, ...place, ...host });
  const ecs = createEcs({ ...options.ecs, ...place, runner, images: ecr, logs });

  const faults = new Faults();
  const calls: RecordedCall[] = [];
  const wire = createWire({
    ...place,
    ...host,
    services: { ecr: ecr.service, ecs: ecs.service, logs: logs.service, sts: sts.service },
    registry: ecr.registry,
    oidc: oidc.handle,
    credentials,
    authorize: allowEverything,
    faults,
    calls,
  });

  return {
    ...place,
    ...wire,
    calls,
    faults,
    credentials,
    oidc,
    iam,
    roles: iam.roles,
    providers: sts.providers,
    ecr,
    ecs,
    logs,
    environment: (url) => ({ AWS_ENDPOINT_URL: url, ...oidc.environment(url) }),
    registryPassword: () => registryPassword(ecr, accountId),
    secrets: () => [...oidc.secrets(), ...credentials.secrets(), ...ecr.repositories.passwords()],
  };
}

function registryPassword(ecr: Ecr, accountId: string): string {
  const principal = { accountId, arn: `arn:aws:iam::${accountId}:role/ecsTaskExecutionRole`, accessKeyId: "" };
  const context = { principal, host: "localhost", requestId: "task" };
  const answer = ecr.service.operations["GetAuthorizationToken"]?.({}, context) as GetAuthorizationTokenResponse;
  const [token = ""] = (answer.authorizationData ?? []).map(({ authorizationToken = "" }) => authorizationToken);
  return Buffer.from(token, "base64").toString().slice("AWS:".length);
}

function allowEverything(): void {}
