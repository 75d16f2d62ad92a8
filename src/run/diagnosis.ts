// Why a deployment or a task failed, as a plain value. Types only.

import type { ExpressInfrastructure } from "../ecs/express.ts";

/**
 * Which of several causes is reported first: a `strong` one names what to fix; `usual` ones need
 * the log or other facts; a `weak` one is mostly a consequence of another; `normal` is no failure.
 * Of equal ones the most frequent.
 */
export type CausePriority = "strong" | "usual" | "weak" | "normal";

export interface LogTail {
  readonly container: string;
  readonly taskId: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** Oldest first, limited and sanitized. */
  readonly lines: readonly string[];
}

export interface StopReason {
  /** ECS's text, with the state of the containers. */
  readonly reason: string;
  readonly count: number;
  /** Up to three, newest first. */
  readonly taskIds: readonly string[];
}

export interface CircuitBreakerState {
  readonly tripped: boolean;
  readonly failedTasks: number;
  /** Absent in the classic view, which does not have it. */
  readonly threshold?: number | undefined;
}

export interface Diagnosis {
  /** A known cause; a reason of ECS that is not in the table; or no reason. */
  readonly kind: "explained" | "unexplained" | "nothing-found";
  /** Name of the known cause (causes/). */
  readonly name?: string | undefined;
  /** Of the known cause: a `strong` one is not solved by waiting. */
  readonly priority?: CausePriority | undefined;
  /** One or two sentences, in the user's terms. */
  readonly cause: string;
  readonly remedy: string;
  /**
   * Further causes that were recognized, each with the number of tasks; including those of
   * containers whose failure stops no task.
   */
  readonly otherCauses: readonly { readonly cause: string; readonly count: number }[];
  /** Grouped stop reasons with their counts, most frequent first. */
  readonly stopReasons: readonly StopReason[];
  /** Service events that indicate a problem, newest first. */
  readonly events: readonly { readonly message: string; readonly count: number }[];
  readonly breaker?: CircuitBreakerState | undefined;
  readonly triggeredAlarms: readonly string[];
  /** Of an Express Mode service: what ECS manages for the revision that was deployed. */
  readonly infrastructure?: ExpressInfrastructure | undefined;
  /** What else is worth a sentence: another image than ours ran, the container wrote no log. */
  readonly notes: readonly string[];
  readonly logTail?: LogTail | undefined;
  readonly missing: readonly string[];
}

/** The part that says why and what to do. */
export type Explanation = Pick<Diagnosis, "kind" | "name" | "priority" | "cause" | "remedy">;
