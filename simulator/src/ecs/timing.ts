// How long things take in the simulator. The defaults are of AWS's order of magnitude; on the real
// clock a demo needs shorter ones.

export interface Timing {
  /** From UpdateService to the scheduler's first action. */
  readonly firstTick: number;
  /** From an event (a task became healthy, stopped …) to the scheduler's reaction. */
  readonly reaction: number;
  /** Task: PROVISIONING (network interface) until PENDING. */
  readonly provisioning: number;
  /**
   * Task: all containers run, ACTIVATING until RUNNING. A container that ends sooner was never
   * RUNNING to ECS.
   */
  readonly activating: number;
  /** Task: RUNNING, asked to stop, until its containers get the signal (target deregistration). */
  readonly deactivating: number;
  /** Task: containers ended until STOPPED (network interface released). */
  readonly deprovisioning: number;
  /** A task without any health check counts as healthy after this long in RUNNING. */
  readonly settle: number;
  /**
   * A load balancer target is healthy after this long in RUNNING, unless the task's script says
   * otherwise.
   */
  readonly targetHealthy: number;
  /** Between two health checks of a load balancer that asks the tasks themselves. */
  readonly targetCheck: number;
  /** From the start of a newer deployment until the older one is STOPPED. */
  readonly superseding: number;
  /**
   * Rolling deployments with alarms: watched this long after the tasks are healthy. ECS chooses the
   * length; this one is ours.
   */
  readonly alarmBake: number;
  /** Staged strategies: one traffic shift. */
  readonly trafficShift: number;
  /** Duration of a Lambda hook, and the delay before it is called again after IN_PROGRESS. */
  readonly hookRun: number;
  readonly hookRetry: number;
  /** Express Mode: from Create until load balancer, certificate and the rest are there. */
  readonly infrastructure: number;
  /** A minute of a deployment configuration's bake times. */
  readonly minute: number;
  /** Stopped tasks stay visible to DescribeTasks and ListTasks. */
  readonly stoppedVisible: number;
}

// 40 s: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
// (minimumHealthyPercent) 1 h:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html 30 s:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
// (callBackDelay)
export const awsTiming: Timing = {
  firstTick: 3_000,
  reaction: 1_000,
  provisioning: 4_000,
  activating: 2_000,
  deactivating: 3_000,
  deprovisioning: 3_000,
  settle: 40_000,
  targetHealthy: 20_000,
  targetCheck: 10_000,
  superseding: 288,
  alarmBake: 300_000,
  trafficShift: 10_000,
  hookRun: 2_000,
  hookRetry: 30_000,
  infrastructure: 70_000,
  minute: 60_000,
  stoppedVisible: 3_600_000,
};
