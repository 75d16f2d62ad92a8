// Which containers of a task can be the reason why it stopped, or did not start. PURE.
// `essential`:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
// `dependsOn`:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html

import type { ServiceTask, TaskContainer } from "../ecs/service-task.ts";

/** A container as the deployed revision defines it. */
export interface DefinedContainer {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly logGroup?: string | undefined;
  /** `valueFrom` of each of its secrets. */
  readonly secrets?: readonly string[] | undefined;
  /** Of its task definition. */
  readonly executionRoleArn?: string | undefined;
  /** `condition` is START, COMPLETE, SUCCESS or HEALTHY. Absent: unknown. */
  readonly dependsOn?: readonly { readonly name: string; readonly condition: string }[];
}

/** A container that has not started, and what it waits for. */
export interface UnmetDependency {
  readonly container: string;
  /** Absent where the task definition has no such dependency. */
  readonly condition: string | undefined;
  readonly dependency: TaskContainer;
  /** `failed`, `unhealthy`: this state does not end by itself. */
  readonly state: "failed" | "unhealthy" | "not-yet";
}

/**
 * Containers that AWS adds to tasks. A task continues without GuardDuty's agent, but not without
 * the Service Connect proxy.
 * https://docs.aws.amazon.com/guardduty/latest/ug/how-runtime-monitoring-works-ecs-fargate.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
 */
const addedByAws = [
  { name: /^ecs-service-connect-/, title: "the Service Connect proxy", essential: true },
  { name: /^aws-guardduty-agent/, title: "the GuardDuty agent", essential: false },
];

/** `container "app"`, `the Service Connect proxy (container "ecs-service-connect-a1b2")`. */
export function describeContainer(name: string): string {
  const added = addedByAws.find((pattern) => pattern.name.test(name));
  if (added) return `${added.title} (container "${name}")`;
  return `container "${name}"`;
}

/**
 * The task stops when it exits. A container that is neither defined nor known was added by AWS, and
 * may fail.
 */
export function isEssential(
  { name }: TaskContainer,
  defined: readonly DefinedContainer[],
): boolean {
  const own = defined.find((definedContainer) => definedContainer.name === name);
  const added = addedByAws.find((pattern) => pattern.name.test(name));
  return own?.essential ?? added?.essential ?? defined.length === 0;
}

/**
 * The containers that can have stopped the task: the essential ones. An undefined container counts
 * only if ECS says that an essential container exited, and all containers known to be essential
 * were only stopped by ECS.
 */
export function findFailureCandidates(
  { stopCode, containers }: Pick<ServiceTask, "stopCode" | "containers">,
  defined: readonly DefinedContainer[],
): readonly TaskContainer[] {
  const essential = containers.filter((container) => isEssential(container, defined));
  const isUnknown = ({ name }: TaskContainer) =>
    !defined.some((definedContainer) => definedContainer.name === name) &&
    !addedByAws.some((pattern) => pattern.name.test(name));
  const isUnexplained =
    stopCode === "EssentialContainerExited" &&
    essential.every((container) => failureLikelihood(container) <= stoppedBySignal);
  if (isUnexplained)
    return containers.filter((container) => essential.includes(container) || isUnknown(container));
  return essential;
}

/**
 * Of several containers that exited, only one stopped its task; ECS does not say which. The others
 * received SIGTERM (143), were killed when they did not exit (137), or exited without an error (0).
 */
export function byFailureLikelihood(a: TaskContainer, b: TaskContainer): number {
  return failureLikelihood(b) - failureLikelihood(a);
}

/** It exited with an error of its own, not because its task was stopped. */
export function endedInError(container: TaskContainer): boolean {
  return failureLikelihood(container) === failedByItself;
}

const stoppedBySignal = 1;
const failedByItself = 4;

function failureLikelihood({ exitCode }: TaskContainer): number {
  if (exitCode === undefined) return 0;
  if (exitCode === 143 || exitCode === 130) return stoppedBySignal;
  if (exitCode === 0) return 2;
  if (exitCode === 137) return 3;
  return failedByItself;
}

/** What prevents containers of one task from starting; what cannot recover comes first. */
export function findUnmetDependencies(
  containers: readonly TaskContainer[],
  defined: readonly DefinedContainer[],
): readonly UnmetDependency[] {
  const unmet = defined.flatMap(({ name, dependsOn = [] }) => {
    const container = containers.find((waitingContainer) => waitingContainer.name === name);
    if (!container || hasStarted(container)) return [];
    return dependsOn.flatMap(({ name: on, condition }) => {
      const dependency = containers.find((candidate) => candidate.name === on);
      if (!dependency || isConditionMet(condition, dependency)) return [];
      return { container: name, condition, dependency, state: dependencyStateOf(dependency) };
    });
  });
  // Of a chain only the last container shows the problem.
  const roots = unmet.filter(
    ({ dependency }) => !unmet.some(({ container }) => container === dependency.name),
  );
  return roots.toSorted((a, b) => dependencySeverity(b) - dependencySeverity(a));
}

/**
 * If the dependencies are unknown: one container exited with an error, and an essential one has not
 * started.
 */
export function guessUnmetDependency(
  containers: readonly TaskContainer[],
  defined: readonly DefinedContainer[],
): UnmetDependency | undefined {
  if (defined.some(({ dependsOn }) => dependsOn !== undefined)) return undefined;
  const unstarted = containers.find(
    (container) => isEssential(container, defined) && !hasStarted(container),
  );
  const dependency = containers.find(({ exitCode = 0 }) => exitCode !== 0);
  return (
    unstarted &&
    dependency && { container: unstarted.name, condition: undefined, dependency, state: "failed" }
  );
}

export function hasStarted({ exitCode, lastStatus }: TaskContainer): boolean {
  return exitCode !== undefined || lastStatus === "RUNNING";
}

function isConditionMet(condition: string, dependency: TaskContainer): boolean {
  const { exitCode, health } = dependency;
  switch (condition) {
    case "COMPLETE":
      return exitCode !== undefined;
    case "SUCCESS":
      return exitCode === 0;
    case "HEALTHY":
      return health === "HEALTHY";
    default:
      return hasStarted(dependency);
  }
}

function dependencyStateOf({
  exitCode,
  lastStatus,
  health,
}: TaskContainer): UnmetDependency["state"] {
  if (exitCode !== undefined || lastStatus === "STOPPED") return "failed";
  if (health === "UNHEALTHY") return "unhealthy";
  return "not-yet";
}

function dependencySeverity({ state }: UnmetDependency): number {
  return { failed: 2, unhealthy: 1, "not-yet": 0 }[state];
}
