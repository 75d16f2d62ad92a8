// Stopped tasks → why each of them stopped, and which reason is reported first. PURE.

import type { ServiceTask } from "../ecs/service-task.ts";
import type { LogTail, StopReason } from "../run/diagnosis.ts";
import type { KnownCause } from "./causes/known-cause.ts";
import type { FailedContainer } from "./failed-container.ts";
import {
  byFailureLikelihood,
  type DefinedContainer,
  endedInError,
  findFailureCandidates,
  isEssential,
} from "./failure-candidates.ts";
import { findCause } from "./match-cause.ts";
import { plainText, type Symptom } from "./symptom.ts";
import {
  containerSymptom,
  startFailureContainers,
  symptomsOf,
  unmetDependencySymptoms,
} from "./symptoms-of-task.ts";

export interface TaskFailure {
  readonly task: ServiceTask;
  /** What it was recognized by; of an unknown one, its stopped reason. */
  readonly symptom: Symptom;
  readonly cause?: KnownCause;
  /** Failures in containers that cannot have stopped the task. */
  readonly sidecarFailures: readonly SidecarFailure[];
}

interface SidecarFailure {
  readonly symptom: Symptom;
  readonly cause: KnownCause;
}

export interface CauseGroup {
  readonly cause: KnownCause;
  /** Newest first. */
  readonly failures: readonly TaskFailure[];
}

export const priorityRanks: Readonly<Record<KnownCause["priority"], number>> = {
  strong: 3,
  usual: 2,
  weak: 1,
  normal: 0,
};
/**
 * ECS's own texts have up to 1,024 characters each. https://github.com/aws/amazon-ecs-agent
 * (ecsMaxTaskReasonLength)
 */
const maxReasonLength = 2_000;

/**
 * Why each task stopped; tasks that were replaced by ECS as usual did not fail and are left out.
 */
export function taskFailuresOf(
  tasks: readonly ServiceTask[],
  containers: readonly DefinedContainer[],
  logTail?: LogTail,
): readonly TaskFailure[] {
  const loggedTask = logTail && tasks.find(({ id }) => id === logTail.taskId);
  const loggedExitCode = loggedTask?.containers.find(
    ({ name }) => name === logTail?.container,
  )?.exitCode;
  const withLog = (symptom: Symptom): Symptom =>
    // Tasks of one revision whose container exited with the same code are assumed to have logged
    // the same.
    {
      if (logTail && symptom.container === logTail.container && symptom.exitCode === loggedExitCode)
        return { ...symptom, log: logTail.lines.join("\n") };
      return symptom;
    };
  return tasks
    .map((task) => ({
      ...mainFailureOf(
        task,
        symptomsOf(task, containers).map(withLog),
        unmetDependencySymptoms(task, containers),
      ),
      sidecarFailures: sidecarFailuresOf(task, containers),
    }))
    .filter(({ cause }) => cause?.priority !== "normal");
}

/**
 * The causes that were recognized, the one to report first at the head: by priority, then by
 * frequency.
 */
export function rankCauses(failures: readonly TaskFailure[]): readonly CauseGroup[] {
  const groups = new Map<KnownCause, TaskFailure[]>();
  for (const failure of failures)
    if (failure.cause) groups.set(failure.cause, [...(groups.get(failure.cause) ?? []), failure]);
  return [...groups]
    .map(([cause, members]) => ({ cause, failures: members }))
    .toSorted(
      (a, b) =>
        priorityRanks[b.cause.priority] - priorityRanks[a.cause.priority] ||
        b.failures.length - a.failures.length,
    );
}

/** The container whose log is read: one that ran, of the cause that is reported first. */
export function pickFailedContainer(
  failures: readonly TaskFailure[],
  containers: readonly DefinedContainer[],
): FailedContainer | undefined {
  const byPriority = [
    ...rankCauses(failures).flatMap((group) => group.failures),
    ...failures.filter(({ cause }) => cause === undefined),
  ];
  for (const { task, symptom } of byPriority) {
    const ran = task.containers
      .filter(({ exitCode }) => exitCode !== undefined)
      .toSorted(byFailureLikelihood);
    const essential = ran.filter((container) => isEssential(container, containers));
    const named = ran.find(({ name }) => name === symptom.container);
    const container = symptom.container === undefined ? (essential[0] ?? ran[0]) : named;
    if (container) return { task, container };
  }
  return undefined;
}

/** Stop reasons that differ only in variable parts are counted as one; most frequent first. */
export function groupReasons(failures: readonly TaskFailure[]): readonly StopReason[] {
  const groups = new Map<string, { reason: string; taskIds: string[] }>();
  for (const { task } of failures) {
    const reason = stopReasonOf(task);
    const key = withoutVariableParts(reason);
    const group = groups.get(key) ?? { reason, taskIds: [] };
    group.taskIds.push(task.id);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ reason, taskIds }) => ({ reason, count: taskIds.length, taskIds: taskIds.slice(0, 3) }))
    .toSorted((a, b) => b.count - a.count);
}

/**
 * Request ids, retries, addresses, ids of tasks and interfaces: the parts that differ in otherwise
 * equal texts.
 */
export function withoutVariableParts(text: string): string {
  return text
    .replace(/request ?id:? ?[\w-]*/gi, "")
    .replace(/retried \d+ times?/gi, "")
    .replace(/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?/g, "")
    .replace(/\b(?:[0-9a-f]{32}|eni-[0-9a-f]+)\b/g, "");
}

/**
 * Three texts say why a task stopped: its own, the containers', and their exit codes (DescribeTasks
 * has no single one).
 */
export function stopReasonOf({ stoppedReason, stopCode, containers }: ServiceTask): string {
  const details = containers
    .filter(({ exitCode, reason }) => exitCode !== undefined || reason !== undefined)
    .map(({ name, exitCode, reason }) => {
      const code = exitCode === undefined ? "" : ` exited with code ${exitCode}`;
      const containerReason = reason === undefined || reason === stoppedReason ? "" : `: ${reason}`;
      if (code + containerReason === "") return "";
      return `container "${name}"${code}${containerReason}`;
    })
    .filter(Boolean);
  const taskReason = plainText(stoppedReason || stopCode || "ECS gave no reason");
  return truncateAtWord(
    details.length > 0 ? `${taskReason} (${plainText(details.join("; "))})` : taskReason,
    maxReasonLength,
  );
}

function truncateAtWord(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const truncated = text.slice(0, maxLength - 2);
  const end = truncated.lastIndexOf(" ");
  return `${end > maxLength / 2 ? truncated.slice(0, end) : truncated} …`;
}

type MainFailure = Omit<TaskFailure, "sidecarFailures">;

function mainFailureOf(
  task: ServiceTask,
  symptoms: readonly Symptom[],
  dependencySymptoms: readonly Symptom[],
): MainFailure {
  const [unmet] = dependencySymptoms.flatMap((symptom) => {
    const cause = findCause(symptom);
    if (cause) return [{ task, symptom, cause }];
    return [];
  });
  let best: MainFailure = { task, symptom: { text: stopReasonOf(task) } };
  for (const symptom of symptoms) {
    const cause = findCause(symptom);
    // Stopped before it ever started: what it waited for says more than the fact that it was
    // replaced.
    if (cause?.priority === "normal") return unmet ?? { task, symptom, cause };
    if (
      cause &&
      (!best.cause || priorityRanks[cause.priority] > priorityRanks[best.cause.priority])
    )
      best = { task, symptom, cause };
  }
  if (
    !unmet ||
    (best.cause && priorityRanks[best.cause.priority] >= priorityRanks[unmet.cause.priority])
  )
    return best;
  return unmet;
}

function sidecarFailuresOf(
  task: ServiceTask,
  defined: readonly DefinedContainer[],
): readonly SidecarFailure[] {
  const candidates = [
    ...findFailureCandidates(task, defined),
    ...startFailureContainers(task, defined),
  ];
  return task.containers
    .filter((container) => !candidates.includes(container))
    .filter((container) => container.reason !== undefined || endedInError(container))
    .flatMap((container) => {
      const symptom = containerSymptom(task, container, defined, { isSidecar: true });
      const cause = findCause(symptom);
      if (cause && cause.priority !== "weak" && cause.priority !== "normal")
        return [{ symptom, cause }];
      return [];
    });
}
