// From evidence to a cause and a next step, PURE.

import type { Evidence, LogTail } from "./evidence.ts";
import type { StoppedTask } from "./snapshot.ts";

export interface Diagnosis {
  /** One sentence, in the user's words. */
  readonly cause: string;
  readonly next: string;
  /** Grouped stop reasons with their counts, most frequent first. */
  readonly stopReasons: readonly { readonly reason: string; readonly count: number }[];
  readonly logTail?: LogTail;
  readonly missing: readonly string[];
}

export function diagnose({ stoppedTasks, events, logTail, missing }: Evidence): Diagnosis {
  const stopReasons = groupReasons(stoppedTasks);
  const top = stopReasons[0];
  const event = events.find(({ message }) => /unable to|failed|unhealthy/i.test(message));
  const tail = logTail && { logTail };
  if (top)
    return {
      cause: `${top.count === 1 ? "A task" : `${top.count} tasks`} of this deployment stopped: ${top.reason}`,
      next: logTail?.lines.length
        ? "Read the container's last lines below."
        : "Look at the stopped tasks in the console.",
      stopReasons,
      missing,
      ...tail,
    };
  return {
    cause: event?.message ?? "ECS tells no cause, and no stopped task of this deployment was found.",
    next: "Look at the service's events in the console.",
    stopReasons,
    missing,
    ...tail,
  };
}

function groupReasons(tasks: readonly StoppedTask[]): Diagnosis["stopReasons"] {
  const counts = new Map<string, number>();
  for (const task of tasks) {
    const reason = reasonOf(task);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).toSorted((one, other) => other.count - one.count);
}

/** Three texts tell why (FACTS D3): the task's, the container's, and its exit code. */
function reasonOf({ stoppedReason, containers }: StoppedTask): string {
  const failing = containers.find(
    ({ exitCode, reason }) => (exitCode !== undefined && exitCode !== 0) || reason !== undefined,
  );
  const details = [
    failing?.exitCode !== undefined && `container "${failing.name}" exited with code ${failing.exitCode}`,
    failing?.reason,
  ].filter(Boolean);
  return details.length > 0 ? `${stoppedReason} (${details.join(": ")})` : stoppedReason;
}
