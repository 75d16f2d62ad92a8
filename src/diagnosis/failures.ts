// Stopped tasks → why each of them stopped, and which reason is told first. PURE.

import type { ServiceTask, TaskContainer } from "../ecs/service-task.ts";
import type { LogTail, StopReason } from "../run/diagnosis.ts";
import {
  bySuspicion,
  type DefinedContainer,
  endedInError,
  findWaiting,
  guessWaiting,
  hasStarted,
  isEssential,
  suspectsOf,
} from "./blame.ts";
import type { KnownCause } from "./causes/known-cause.ts";
import type { Speaker } from "./failed-container.ts";
import { findCause, plainText, type Sign } from "./match-cause.ts";

export interface Failure {
  readonly task: ServiceTask;
  /** What it was recognised by; of an unknown one, its stopped reason. */
  readonly sign: Sign;
  readonly cause?: KnownCause;
  /** What went wrong in containers that cannot have ended the task. */
  readonly companions: readonly CompanionFailure[];
}

interface CompanionFailure {
  readonly sign: Sign;
  readonly cause: KnownCause;
}

export interface CauseGroup {
  readonly cause: KnownCause;
  /** Newest first. */
  readonly failures: readonly Failure[];
}

export const ranks: Readonly<Record<KnownCause["weight"], number>> = {
  strong: 3,
  usual: 2,
  weak: 1,
  normal: 0,
};
/** ECS's own texts have up to 1,024 characters each. https://github.com/aws/amazon-ecs-agent (ecsMaxTaskReasonLength) */
const longestReason = 2_000;

/** Why each task stopped; tasks that were replaced in the normal way are no failures and left out. */
export function failuresOf(
  tasks: readonly ServiceTask[],
  containers: readonly DefinedContainer[],
  logTail?: LogTail,
): readonly Failure[] {
  const speaker = logTail && tasks.find(({ id }) => id === logTail.taskId);
  const spokeAt = speaker?.containers.find(({ name }) => name === logTail?.container)?.exitCode;
  const heard = (sign: Sign): Sign =>
    // Tasks of one revision whose container ended with the same code are taken to have said the same.
    logTail && sign.container === logTail.container && sign.exitCode === spokeAt
      ? { ...sign, log: logTail.lines.join("\n") }
      : sign;
  return tasks
    .map((task) => ({
      ...failureOf(task, signsOf(task, containers).map(heard), waitingSigns(task, containers)),
      companions: companionFailures(task, containers),
    }))
    .filter(({ cause }) => cause?.weight !== "normal");
}

/** The causes that were recognised, the one to tell first at the head: by weight, then by how often it was met. */
export function rankCauses(failures: readonly Failure[]): readonly CauseGroup[] {
  const groups = new Map<KnownCause, Failure[]>();
  for (const failure of failures)
    if (failure.cause) groups.set(failure.cause, [...(groups.get(failure.cause) ?? []), failure]);
  return [...groups]
    .map(([cause, members]) => ({ cause, failures: members }))
    .toSorted(
      (one, other) =>
        ranks[other.cause.weight] - ranks[one.cause.weight] ||
        other.failures.length - one.failures.length,
    );
}

/** Whose last words are worth reading: a container that ran, of the cause that is told first. */
export function chooseSpeaker(
  failures: readonly Failure[],
  containers: readonly DefinedContainer[],
): Speaker | undefined {
  const inOrder = [
    ...rankCauses(failures).flatMap((group) => group.failures),
    ...failures.filter(({ cause }) => cause === undefined),
  ];
  for (const { task, sign } of inOrder) {
    const ran = task.containers
      .filter(({ exitCode }) => exitCode !== undefined)
      .toSorted(bySuspicion);
    const essential = ran.filter((container) => isEssential(container, containers));
    const own = ran.find(({ name }) => name === sign.container);
    const container = sign.container === undefined ? (essential[0] ?? ran[0]) : own;
    if (container) return { task, container };
  }
  return undefined;
}

/** Stop reasons that differ only in numbers that change each time are one; most frequent first. */
export function groupReasons(failures: readonly Failure[]): readonly StopReason[] {
  const groups = new Map<string, { reason: string; taskIds: string[] }>();
  for (const { task } of failures) {
    const reason = reasonOf(task);
    const key = withoutNumbers(reason);
    const group = groups.get(key) ?? { reason, taskIds: [] };
    group.taskIds.push(task.id);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ reason, taskIds }) => ({ reason, count: taskIds.length, taskIds: taskIds.slice(0, 3) }))
    .toSorted((one, other) => other.count - one.count);
}

/** Request ids, retries, addresses, ids of tasks and interfaces: what makes equal texts unequal. */
export function withoutNumbers(text: string): string {
  return text
    .replace(/request ?id:? ?[\w-]*/gi, "")
    .replace(/retried \d+ times?/gi, "")
    .replace(/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?/g, "")
    .replace(/\b(?:[0-9a-f]{32}|eni-[0-9a-f]+)\b/g, "");
}

/** Three texts tell why a task stopped: its own, the containers', and their exit codes (DescribeTasks has no single one). */
export function reasonOf({ stoppedReason, stopCode, containers }: ServiceTask): string {
  const details = containers
    .filter(({ exitCode, reason }) => exitCode !== undefined || reason !== undefined)
    .map(({ name, exitCode, reason }) => {
      const code = exitCode === undefined ? "" : ` exited with code ${exitCode}`;
      const why = reason === undefined || reason === stoppedReason ? "" : `: ${reason}`;
      return code + why === "" ? "" : `container "${name}"${code}${why}`;
    })
    .filter(Boolean);
  const told = plainText(stoppedReason || stopCode || "ECS gives no reason");
  return cutAtWord(
    details.length > 0 ? `${told} (${plainText(details.join("; "))})` : told,
    longestReason,
  );
}

function cutAtWord(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 2);
  const end = cut.lastIndexOf(" ");
  return `${end > most / 2 ? cut.slice(0, end) : cut} …`;
}

type OwnFailure = Omit<Failure, "companions">;

function failureOf(
  task: ServiceTask,
  signs: readonly Sign[],
  waiting: readonly Sign[],
): OwnFailure {
  const [unmet] = waiting.flatMap((sign) => {
    const cause = findCause(sign);
    return cause ? [{ task, sign, cause }] : [];
  });
  let best: OwnFailure = { task, sign: { text: reasonOf(task) } };
  for (const sign of signs) {
    const cause = findCause(sign);
    // Taken back before it ever started: what it waited for is more than that it was replaced.
    if (cause?.weight === "normal") return unmet ?? { task, sign, cause };
    if (cause && (!best.cause || ranks[cause.weight] > ranks[best.cause.weight]))
      best = { task, sign, cause };
  }
  if (!unmet || (best.cause && ranks[best.cause.weight] >= ranks[unmet.cause.weight])) return best;
  return unmet;
}

/**
 * All that can tell why a task ended: words about its essential containers, its own words, then mere exit codes, the likeliest culprit
 * first.
 */
function signsOf(task: ServiceTask, defined: readonly DefinedContainer[]): readonly Sign[] {
  const suspects = suspectsOf(task, defined);
  const ended = suspects.filter(({ exitCode }) => exitCode !== undefined);
  return [
    ...[...suspects, ...stoppedFor(task, defined)]
      .filter(({ reason }) => reason !== undefined)
      .map((container) => signOf(task, container, defined)),
    signOf(task, spokenOf(suspects), defined),
    ...ended.toSorted(bySuspicion).map((container) => signOf(task, container, defined)),
  ];
}

/** A container that may fail, for which ECS did not start the task all the same: the task's own reason is the container's. */
function stoppedFor(
  { stopCode, stoppedReason, containers }: ServiceTask,
  defined: readonly DefinedContainer[],
): readonly TaskContainer[] {
  const told = plainText(stoppedReason);
  const isTold = ({ reason }: TaskContainer) =>
    reason !== undefined &&
    (told === "" || told.includes(plainText(reason)) || plainText(reason).includes(told));
  return stopCode === "TaskFailedToStart"
    ? containers.filter((container) => !isEssential(container, defined) && isTold(container))
    : [];
}

/** Which container the task's own reason is about, where that is certain: health and exits are of essential ones only. */
function spokenOf(essential: readonly TaskContainer[]): TaskContainer | undefined {
  const unhealthy = essential.filter(({ health }) => health === "UNHEALTHY");
  if (unhealthy.length === 1) return unhealthy[0];
  return essential.length === 1 ? essential[0] : undefined;
}

/** What keeps an essential container of this task from starting; first what will never get better. */
export function waitingSigns(
  task: ServiceTask,
  defined: readonly DefinedContainer[],
): readonly Sign[] {
  const { containers, lastStatus } = task;
  const essential = containers.filter((container) => isEssential(container, defined));
  if (essential.every(hasStarted)) return [];
  const known = findWaiting(containers, defined);
  const guess =
    known.length === 0 && lastStatus !== "STOPPED" ? guessWaiting(containers, defined) : undefined;
  return (guess ? [guess] : known)
    .filter(
      ({ state, dependency }) =>
        lastStatus !== "STOPPED" || state === "unhealthy" || endedInError(dependency),
    )
    .map((waiting) => ownSign(task, waiting.dependency, defined, { waiting }));
}

function companionFailures(
  task: ServiceTask,
  defined: readonly DefinedContainer[],
): readonly CompanionFailure[] {
  const suspects = [...suspectsOf(task, defined), ...stoppedFor(task, defined)];
  return task.containers
    .filter((container) => !suspects.includes(container))
    .filter((container) => container.reason !== undefined || endedInError(container))
    .flatMap((container) => {
      const sign = ownSign(task, container, defined, { isCompanion: true });
      const cause = findCause(sign);
      return cause && cause.weight !== "weak" && cause.weight !== "normal" ? [{ sign, cause }] : [];
    });
}

/** A container's own words only, where those of the task are not about it. */
function ownSign(
  task: ServiceTask,
  container: TaskContainer,
  defined: readonly DefinedContainer[],
  more: Partial<Sign>,
): Sign {
  return {
    ...signOf(task, container, defined),
    text: container.reason ?? "",
    stopCode: "",
    ...more,
  };
}

function signOf(
  { stoppedReason, stopCode }: ServiceTask,
  container: TaskContainer | undefined,
  defined: readonly DefinedContainer[],
): Sign {
  const executionRoleArn = defined[0]?.executionRoleArn;
  const definition = defined.find(({ name }) => name === container?.name);
  return {
    text: joinReasons(stoppedReason, container?.reason ?? ""),
    stopCode,
    container: container?.name,
    exitCode: container?.exitCode,
    image: definition?.image,
    logGroup: definition?.logGroup,
    executionRoleArn,
    secrets: (definition ? [definition] : defined).flatMap(({ secrets = [] }) => secrets),
  };
}

/** ECS often repeats the container's reason as the task's. */
function joinReasons(task: string, container: string): string {
  return task.includes(container)
    ? task
    : container.includes(task)
      ? container
      : `${task} ${container}`;
}
