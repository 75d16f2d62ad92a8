// A task of a service, as far as a diagnosis needs it. Types only.

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
  /** Where it runs or is to run, as far as ECS says. */
  readonly launchType?: string | undefined;
  readonly capacityProvider?: string | undefined;
  /** On EC2: it has a place on a container instance. */
  readonly isPlaced?: boolean | undefined;
  /** The pull of its images has begun and not ended. */
  readonly isPulling?: boolean | undefined;
}

export interface TaskContainer {
  readonly name: string;
  /** Absent when it never started, and while it runs. */
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  /** PENDING, RUNNING or STOPPED. */
  readonly lastStatus?: string | undefined;
  /** HEALTHY, UNHEALTHY or UNKNOWN: of its own health check. */
  readonly health?: string | undefined;
  /** The container runtime's own id. */
  readonly runtimeId?: string | undefined;
}
