// What a stopped or blocked task shows, container by container, PURE.

import type { ServiceTask, TaskContainer } from "../ecs/service-task.ts";
import {
  byFailureLikelihood,
  type DefinedContainer,
  endedInError,
  findFailureCandidates,
  findUnmetDependencies,
  guessUnmetDependency,
  hasStarted,
  isEssential,
} from "./failure-candidates.ts";
import { plainText, type Symptom } from "./symptom.ts";

/**
 * All texts that can say why a task stopped: those about its essential containers, the task's own,
 * then exit codes, the most likely container first.
 */
export function symptomsOf(
  task: ServiceTask,
  defined: readonly DefinedContainer[],
): readonly Symptom[] {
  const candidates = findFailureCandidates(task, defined);
  const exited = candidates.filter(({ exitCode }) => exitCode !== undefined);
  return [
    ...[...candidates, ...startFailureContainers(task, defined)]
      .filter(({ reason }) => reason !== undefined)
      .map((container) => symptomOf(task, container, defined)),
    symptomOf(task, containerOfTaskReason(candidates), defined),
    ...exited.toSorted(byFailureLikelihood).map((container) => symptomOf(task, container, defined)),
  ];
}

/**
 * A non-essential container because of which ECS did not start the task: the task's own reason is
 * the container's.
 */
export function startFailureContainers(
  { stopCode, stoppedReason, containers }: ServiceTask,
  defined: readonly DefinedContainer[],
): readonly TaskContainer[] {
  const taskReason = plainText(stoppedReason);
  const isInTaskReason = ({ reason }: TaskContainer) =>
    reason !== undefined &&
    (taskReason === "" ||
      taskReason.includes(plainText(reason)) ||
      plainText(reason).includes(taskReason));
  if (stopCode === "TaskFailedToStart")
    return containers.filter(
      (container) => !isEssential(container, defined) && isInTaskReason(container),
    );
  return [];
}

/**
 * The container that the task's own reason is about, where that is certain: health checks and exits
 * are of essential ones only.
 */
function containerOfTaskReason(essential: readonly TaskContainer[]): TaskContainer | undefined {
  const unhealthy = essential.filter(({ health }) => health === "UNHEALTHY");
  if (unhealthy.length === 1) return unhealthy[0];
  if (essential.length === 1) return essential[0];
  return undefined;
}

/**
 * What prevents an essential container of this task from starting; what cannot recover comes first.
 */
export function unmetDependencySymptoms(
  task: ServiceTask,
  defined: readonly DefinedContainer[],
): readonly Symptom[] {
  const { containers, lastStatus } = task;
  const essential = containers.filter((container) => isEssential(container, defined));
  if (essential.every(hasStarted)) return [];
  const known = findUnmetDependencies(containers, defined);
  const guessed =
    known.length === 0 && lastStatus !== "STOPPED"
      ? guessUnmetDependency(containers, defined)
      : undefined;
  return (guessed ? [guessed] : known)
    .filter(
      ({ state, dependency }) =>
        lastStatus !== "STOPPED" || state === "unhealthy" || endedInError(dependency),
    )
    .map((unmetDependency) =>
      containerSymptom(task, unmetDependency.dependency, defined, { unmetDependency }),
    );
}

/** The container's own text only, if that of the task is not about it. */
export function containerSymptom(
  task: ServiceTask,
  container: TaskContainer,
  defined: readonly DefinedContainer[],
  overrides: Partial<Symptom>,
): Symptom {
  return {
    ...symptomOf(task, container, defined),
    text: container.reason ?? "",
    stopCode: "",
    ...overrides,
  };
}

function symptomOf(
  { stoppedReason, stopCode }: ServiceTask,
  container: TaskContainer | undefined,
  defined: readonly DefinedContainer[],
): Symptom {
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
  if (task.includes(container)) return task;
  if (container.includes(task)) return container;
  return `${task} ${container}`;
}
