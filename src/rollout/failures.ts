// Stopped tasks → why each of them stopped, and which reason is told first. PURE.

import type { KnownCause } from "./causes.ts";
import type { LogTail } from "./last-words.ts";
import type { ServiceTask, TaskContainer } from "./service-task.ts";
import { findCause, plainText, type Sign } from "./signs.ts";

/** A container as the revision that was deployed defines it. */
export interface DefinedContainer {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly logGroup?: string;
  /** `valueFrom` of each of its secrets. */
  readonly secrets?: readonly string[];
  /** Of the task definition that it is in. */
  readonly executionRoleArn?: string;
}

export interface Failure {
  readonly task: ServiceTask;
  /** What it was recognised by; of an unknown one, its stopped reason. */
  readonly sign: Sign;
  readonly cause?: KnownCause;
}

export interface CauseGroup {
  readonly cause: KnownCause;
  /** Newest first. */
  readonly failures: readonly Failure[];
}

export interface StopReason {
  /** ECS's words, with what became of the containers. */
  readonly reason: string;
  readonly count: number;
  /** Up to three, newest first. */
  readonly taskIds: readonly string[];
}

const ranks: Readonly<Record<KnownCause["weight"], number>> = { strong: 3, usual: 2, weak: 1, normal: 0 };
const longestReason = 600;

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
    .map((task) => failureOf(task, signsOf(task, containers).map(heard)))
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
        ranks[other.cause.weight] - ranks[one.cause.weight] || other.failures.length - one.failures.length,
    );
}

export interface Speaker {
  readonly task: ServiceTask;
  readonly container: TaskContainer;
}

/** Whose last words are worth reading: a container that ran, of the cause that is told first. */
export function chooseSpeaker(failures: readonly Failure[]): Speaker | undefined {
  const inOrder = [
    ...rankCauses(failures).flatMap((group) => group.failures),
    ...failures.filter(({ cause }) => cause === undefined),
  ];
  for (const { task, sign } of inOrder) {
    const ran = task.containers.filter(({ exitCode }) => exitCode !== undefined).toSorted(bySuspicion);
    const container = ran.find(({ name }) => name === sign.container) ?? ran[0];
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
  const whole = details.length > 0 ? `${told} (${plainText(details.join("; "))})` : told;
  return whole.length > longestReason ? `${whole.slice(0, longestReason - 1)}…` : whole;
}

function failureOf(task: ServiceTask, signs: readonly Sign[]): Failure {
  let best: Failure = { task, sign: { text: reasonOf(task) } };
  for (const sign of signs) {
    const cause = findCause(sign);
    if (cause?.weight === "normal") return { task, sign, cause };
    if (cause && (!best.cause || ranks[cause.weight] > ranks[best.cause.weight])) best = { task, sign, cause };
  }
  return best;
}

/** All that a task says: first containers with words of their own, then the task itself, then mere exit codes, the likeliest culprit first. */
function signsOf(task: ServiceTask, defined: readonly DefinedContainer[]): readonly Sign[] {
  const { stoppedReason, stopCode, containers } = task;
  const executionRoleArn = defined[0]?.executionRoleArn;
  const of = (container: TaskContainer | undefined): Sign => {
    const definition = defined.find(({ name }) => name === container?.name);
    return {
      text: [stoppedReason, container?.reason].filter(Boolean).join(" "),
      stopCode,
      ...(container && { container: container.name }),
      ...(container?.exitCode !== undefined && { exitCode: container.exitCode }),
      ...(definition && { image: definition.image }),
      ...(definition?.logGroup !== undefined && { logGroup: definition.logGroup }),
      ...(executionRoleArn !== undefined && { executionRoleArn }),
      secrets: (definition ? [definition] : defined).flatMap(({ secrets = [] }) => secrets),
    };
  };
  const essential = containers.filter(
    ({ name, exitCode }) => exitCode !== undefined && defined.find((one) => one.name === name)?.essential !== false,
  );
  const ended = essential.length > 0 ? essential : containers.filter(({ exitCode }) => exitCode !== undefined);
  const sole = containers.length === 1 ? containers[0] : undefined;
  return [
    ...containers.filter(({ reason }) => reason !== undefined).map(of),
    of(sole),
    ...ended.toSorted(bySuspicion).map(of),
  ];
}

/**
 * Of several containers that ended, only one ended its task; ECS does not say which. The others were told to stop (143), were killed when
 * they did not (137), or went in peace (0).
 */
function bySuspicion(one: TaskContainer, other: TaskContainer): number {
  return suspicion(other) - suspicion(one);
}

function suspicion({ exitCode }: TaskContainer): number {
  if (exitCode === undefined) return 0;
  if (exitCode === 143 || exitCode === 130) return 1;
  if (exitCode === 0) return 2;
  return exitCode === 137 ? 3 : 4;
}
