// What a rehearsal measures of one task. Types only.

export interface ContainerMeasurement {
  readonly name: string;
  readonly essential: boolean;
  /** Members of its definition that limit it, as registered. */
  readonly limits: {
    /** Of the container, else of the task, in MiB; undefined: none. */
    readonly memoryMib: number | undefined;
    readonly stopTimeoutSeconds: number;
    readonly readonlyRootFilesystem: boolean;
    /** undefined: it has no health check. */
    readonly healthCheck: HealthCheckLimits | undefined;
  };
  /** From the start of the task's containers; undefined: no health check has passed. */
  healthyAfterSeconds: number | undefined;
  /** The highest reading, one every two seconds. */
  peakMemoryMib: number | undefined;
  exitCode: number | undefined;
  /** Why it ended, as ECS reports it. */
  reason: string | undefined;
  /** Ports of `portMappings` that do not accept a connection. */
  silentPorts: readonly number[];
  /** Log lines that are not text. */
  garbledLines: number;
  /** Log lines about writes that the read-only root refused, at most three. */
  readonlyErrors: string[];
}

export interface HealthCheckLimits {
  readonly startPeriodSeconds: number;
  readonly intervalSeconds: number;
  readonly retries: number;
}

/** One task of the new revision. */
export interface TaskMeasurement {
  readonly containers: readonly ContainerMeasurement[];
  /** From SIGTERM to the end of the last container; undefined: it ended by itself. */
  stoppedAfterSeconds: number | undefined;
}

export interface ImageMeasurement {
  /** Compressed, as it is pulled. */
  readonly sizeInBytes: number;
}
