// The joints of the simulator: what its rooms promise each other. Types only.
//
//   wire  →  services (oidc, sts, ecr, ecs, logs)  →  task runner (scripted or containers)
//
// A service is a state machine with operations; it knows nothing of HTTP. The wire turns HTTP into
// operations.

/**
 * The simulator's own time. `schedule` is how the world moves; the virtual clock also plays `Clock`
 * (src/clock.ts) for the action under test.
 */
export interface SimulatorClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `work` once, `delayMilliseconds` from now; the returned function takes it back. */
  schedule(delayMilliseconds: number, work: () => void): () => void;
}

/**
 * An HTTP request as the wire sees it: from node:http, or straight from an SDK client's request
 * handler.
 */
export interface WireRequest {
  readonly method: string;
  /** Path with query, e.g. `/v2/app/blobs/uploads/?digest=…`. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * A stream where the answer is too big to hold (the registry's layers out of files): the wire
   * writes it chunk by chunk. A `content-length` header that is already there stands as it is, also
   * over an empty body: HEAD answers with the size of what GET would send.
   */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/**
 * Who calls: the session of a role, or the simulator's own root keys (`test` / anything), which may
 * do everything.
 */
export interface Principal {
  readonly accountId: string;
  readonly arn: string;
  readonly accessKeyId: string;
}

export interface CallContext {
  readonly principal: Principal;
  /** `host:port` on which the caller reached us; for building repositoryUri and proxyEndpoint. */
  readonly host: string;
  readonly requestId: string;
}

/**
 * One AWS operation: input as it came over the wire (JSON), output typed with the SDK's own output
 * type. Dates go out as epoch seconds.
 */
// biome-ignore lint/suspicious/noExplicitAny: each service types its own operations
export type Operation = (input: any, context: CallContext) => unknown;

/** The operations of one service by their API name, e.g. `DescribeServices`. */
export interface AwsService {
  readonly operations: Readonly<Record<string, Operation>>;
}

/** An error as AWS sends it. `name` is the wire name (`ClusterNotFoundException`). */
export class AwsError extends Error {
  override readonly name: string;
  readonly status: number;
  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/**
 * One call that reached the simulator, in order; the proof of what an action did and did not do.
 */
export interface RecordedCall {
  /** World time, milliseconds since the Unix epoch. */
  readonly at: number;
  /** `ecs`, `ecr`, `sts`, `logs`, `secretsmanager`, `s3`, `oidc`, `registry`. */
  readonly service: string;
  /**
   * `UpdateService`; for the registry and the token endpoint `PUT /v2/app/manifests/latest`
   * (digests and upload ids as `:digest`, `:upload`).
   */
  readonly operation: string;
  /** Input of an AWS operation; never holds a token or a secret (`<token>`, `<secret>`). */
  readonly input: unknown;
  /** Wire name of the error answered, if one was. */
  readonly error?: string;
  /**
   * The queued fault that this call met, if one did: after `lost` and `half` the operation has
   * happened all the same.
   */
  readonly fault?: Fault["kind"];
}

/** What a queued fault does to the next matching call(s). */
export type Fault =
  | {
      readonly kind: "error";
      readonly name: string;
      readonly message: string;
      readonly status?: number;
    }
  | { readonly kind: "reset" } // connection closed without an answer
  // no secure connection, in Node's words; over plain HTTP a reset
  | { readonly kind: "tls"; readonly code: string; readonly message: string }
  | { readonly kind: "hang" } // never answers (until the caller gives up)
  // e.g. an HTML 502 page
  | { readonly kind: "garbage"; readonly status: number; readonly body: string }
  // 200 without a single member, whether the operation happens or not
  | { readonly kind: "empty"; readonly operate: boolean }
  // the operation happens, its answer is cut in the middle
  | { readonly kind: "half"; readonly operate: true }
  // the operation happens, its answer never arrives (reset)
  | { readonly kind: "lost"; readonly operate: true };

export interface FaultQueue {
  /**
   * `call` is `service:Operation` (`ecs:DescribeServices`); the fault is used `times` times
   * (default 1), first in first out.
   */
  add(call: string, fault: Fault, times?: number): void;
  /** All is well again: what was queued and not met is forgotten. */
  clear(): void;
}

// ---- tasks
//   ---------------------------------------------------------------------------------------------------------

export interface LaunchedContainer {
  readonly name: string;
  readonly image: string;
  /** Digest that ECS resolved for this deployment, if it could. */
  readonly imageDigest?: string;
  readonly essential: boolean;
  readonly command?: readonly string[];
  readonly entryPoint?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Container definition as registered, whole. */
  readonly definition: Readonly<Record<string, unknown>>;
}

/** What a runner needs to know to bring one task to life. */
export interface TaskLaunch {
  readonly taskArn: string;
  readonly taskId: string;
  readonly clusterName: string;
  readonly serviceName?: string;
  /** Classic deployment id (`ecs-svc/123`) for a service's task, else RunTask's startedBy. */
  readonly startedBy: string;
  readonly taskDefinitionArn: string;
  readonly family: string;
  readonly revision: number;
  readonly executionRoleArn?: string;
  readonly taskRoleArn?: string;
  /** Task-level cpu units and MiB, as registered. */
  readonly cpu?: string;
  readonly memory?: string;
  readonly containers: readonly LaunchedContainer[];
}

export interface StoppedContainer {
  readonly name: string;
  /** Absent when the container never started. */
  readonly exitCode?: number;
  readonly reason?: string;
}

export interface TaskStop {
  /**
   * One of: TaskFailedToStart, EssentialContainerExited, ServiceSchedulerInitiated, UserInitiated …
   */
  readonly stopCode: string;
  readonly stoppedReason: string;
  readonly containers: readonly StoppedContainer[];
}

/**
 * How a runner tells the engine what became of a task. Every call may come at any later (world)
 * time; after `stopped` nothing more is heard.
 */
export interface TaskEvents {
  /** Image pulled, digests known (container name → sha256:…). */
  pulled(digests: Readonly<Record<string, string>>): void;
  /** All containers run; `privateIpv4Address` is where the task answers, if anywhere. */
  running(details: {
    readonly privateIpv4Address?: string;
    readonly runtimeIds?: Readonly<Record<string, string>>;
  }): void;
  /** One container runs while others wait for it (`dependsOn`): the task stays PENDING. */
  started(container: string): void;
  health(container: string, status: "HEALTHY" | "UNHEALTHY"): void;
  log(container: string, message: string): void;
  /** A container that is not essential ended; its task goes on. */
  exited(container: string, exitCode: number): void;
  stopped(stop: TaskStop): void;
}

export interface TaskHandle {
  /**
   * Asked by ECS (scale in, rollback, StopTask): must lead to `events.stopped` with the given code
   * and reason.
   */
  stop(stopCode: string, stoppedReason: string): void;
}

export interface TaskRunner {
  start(launch: TaskLaunch, events: TaskEvents): TaskHandle;
}
