// Why a deployment or a task failed, as a plain value. Types only.

/**
 * Which of several causes is told first: a `strong` one names what to mend; `usual` ones need the
 * log or the circumstances; a `weak` one mostly follows from another; `normal` is no failure at
 * all. Among equals the most frequent.
 */
export type CausePriority = "strong" | "usual" | "weak" | "normal";

export interface LogTail {
  readonly container: string;
  readonly taskId: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** Oldest first, bounded and made harmless. */
  readonly lines: readonly string[];
}

export interface StopReason {
  /** ECS's words, with what became of the containers. */
  readonly reason: string;
  readonly count: number;
  /** Up to three, newest first. */
  readonly taskIds: readonly string[];
}

export interface CircuitBreakerState {
  readonly tripped: boolean;
  readonly failedTasks: number;
  /** Absent in the classic view, which does not tell it. */
  readonly threshold?: number | undefined;
}

export interface Diagnosis {
  /** A known cause; a reason that ECS gives but we do not know; or nothing at all. */
  readonly kind: "explained" | "unexplained" | "nothing-found";
  /** Name of the known cause (causes/). */
  readonly name?: string | undefined;
  /** Of the known cause: a `strong` one does not go away by waiting. */
  readonly priority?: CausePriority | undefined;
  /** One sentence or two, in the user's words. */
  readonly cause: string;
  readonly remedy: string;
  /**
   * Further causes that were recognised, each with the number of tasks; also of containers whose
   * failure ends no task.
   */
  readonly otherCauses: readonly { readonly cause: string; readonly count: number }[];
  /** Grouped stop reasons with their counts, most frequent first. */
  readonly stopReasons: readonly StopReason[];
  /** Service events that tell of trouble, newest first. */
  readonly events: readonly { readonly message: string; readonly count: number }[];
  readonly breaker?: CircuitBreakerState | undefined;
  readonly triggeredAlarms: readonly string[];
  /** What else is worth a sentence: another image than ours ran, the container wrote no log. */
  readonly notes: readonly string[];
  readonly logTail?: LogTail | undefined;
  readonly missing: readonly string[];
}
