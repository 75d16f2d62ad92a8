// The interfaces between the simulator's folders. Types only.
//
//   wire  →  services (oidc, sts, ecr, ecs, logs)  →  task runner (scripted or containers)
//
// A service is a state machine with operations; it does not depend on HTTP. The wire turns HTTP
// into operations.

/** The simulator's own time. The virtual clock is also the clock of the code under test. */
export interface SimulatorClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `work` once, `delayMilliseconds` from now; the returned function cancels it. */
  schedule(delayMilliseconds: number, work: () => void): () => void;
}

/**
 * An HTTP request as the wire gets it: from node:http, or directly from an SDK client's request
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
   * A stream if the response is too large for memory (the registry's layers from files): the wire
   * writes it chunk by chunk. An existing `content-length` header is kept, also with an empty body:
   * HEAD returns the size of what GET would send.
   */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/**
 * The caller: the session of a role, or the simulator's own root keys (`test` / anything), which
 * may do everything.
 */
export interface Principal {
  readonly accountId: string;
  readonly arn: string;
  readonly accessKeyId: string;
}

/**
 * Returns if the call is allowed, otherwise throws IAM's error. `action` is `ecs:UpdateService`;
 * its resource is in the input.
 */
export type Authorize = (
  principal: Principal,
  action: string,
  input: unknown,
  region?: string,
) => void;

export interface CallContext {
  readonly principal: Principal;
  /**
   * `host:port` with which the caller reached the simulator; for building repositoryUri and
   * proxyEndpoint.
   */
  readonly host: string;
  readonly requestId: string;
  /** The region that the request is signed for. */
  readonly region?: string | undefined;
}

/**
 * One AWS operation: input as received over the wire (JSON), output with the SDK's own output type.
 * Dates are sent as epoch seconds.
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

/** One call that reached the simulator, in order: shows what an action did and did not do. */
export interface RecordedCall {
  /** Simulated time, milliseconds since the Unix epoch. */
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
  /** Wire name of the error in the response, if there was one. */
  readonly error?: string;
  /**
   * The queued fault that was used for this call, if any; after `lost` and `half` the operation has
   * been performed.
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
  | { readonly kind: "reset" } // connection closed without a response
  // no secure connection, in Node's words; over plain HTTP a reset
  | { readonly kind: "tls"; readonly code: string; readonly message: string }
  | { readonly kind: "hang" } // never responds (until the caller gives up)
  // e.g. an HTML 502 page
  | { readonly kind: "garbage"; readonly status: number; readonly body: string }
  // 200 without any member, whether the operation is performed or not
  | { readonly kind: "empty"; readonly operate: boolean }
  // the operation is performed, its response is cut off in the middle
  | { readonly kind: "half"; readonly operate: true }
  // the operation is performed, its response never arrives (reset)
  | { readonly kind: "lost"; readonly operate: true };

export interface FaultQueue {
  /**
   * `call` is `service:Operation` (`ecs:DescribeServices`); the fault is used `times` times
   * (default 1), first in first out.
   */
  add(call: string, fault: Fault, times?: number): void;
  /** Ends all faults: queued ones are dropped. */
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
  /** The whole container definition as registered. */
  readonly definition: Readonly<Record<string, unknown>>;
}

/** What a runner needs to know to run one task. */
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
 * How a runner reports what happens to a task. Calls may come at any later (simulated) time; after
 * `stopped` all others are ignored.
 */
export interface TaskEvents {
  /** Image pulled, digests known (container name → sha256:…). */
  pulled(digests: Readonly<Record<string, string>>): void;
  /** All containers run; `privateIpv4Address` is the task's address, if it has one. */
  running(details: {
    readonly privateIpv4Address?: string;
    readonly runtimeIds?: Readonly<Record<string, string>>;
  }): void;
  /** One container runs while others wait for it (`dependsOn`): the task stays PENDING. */
  started(container: string): void;
  health(container: string, status: "HEALTHY" | "UNHEALTHY"): void;
  log(container: string, message: string): void;
  /** A container that is not essential exited; its task continues. */
  exited(container: string, exitCode: number): void;
  stopped(stop: TaskStop): void;
}

export interface TaskHandle {
  /**
   * Requested by ECS (scale in, rollback, StopTask): must lead to `events.stopped` with the given
   * code and reason.
   */
  stop(stopCode: string, stoppedReason: string): void;
}

export interface TaskRunner {
  start(launch: TaskLaunch, events: TaskEvents): TaskHandle;
}
