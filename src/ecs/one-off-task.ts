// A task that belongs to no service, as far as its progress needs. Types only.

import type { ServiceTask } from "./service-task.ts";

/** What RunTask answers. */
export interface RunTaskResult {
  /** Absent: none was started. */
  readonly taskArn?: string | undefined;
  /** Why, in ECS's words. */
  readonly failures: readonly string[];
}

export interface OneOffTask extends ServiceTask {
  /** What ECS wants of it: RUNNING or STOPPED. */
  readonly desiredStatus: string;
  /** Its containers ran: RUNNING was reached. */
  readonly reachedRunning: boolean;
}
