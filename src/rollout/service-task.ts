// A task of a service, as far as it tells why a rollout fails. Types only.

export interface ServiceTask {
  readonly id: string;
  /** Classic id of the deployment that started it. */
  readonly startedBy: string;
  readonly lastStatus: string;
  /** HEALTHY, UNHEALTHY or UNKNOWN: the container health checks together. */
  readonly health: string;
  /** Milliseconds since the Unix epoch; 0 for a task that runs. */
  readonly stoppedAt: number;
  readonly stopCode: string;
  readonly stoppedReason: string;
  readonly containers: readonly TaskContainer[];
}

export interface TaskContainer {
  readonly name: string;
  /** Absent when it never started, and while it runs. */
  readonly exitCode?: number;
  readonly reason?: string;
  /** The container runtime's own id. */
  readonly runtimeId?: string;
}
