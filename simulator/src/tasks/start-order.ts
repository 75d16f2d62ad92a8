// The order in which the containers of a task start: `dependsOn`. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html

import type { ContainerDefinition, ContainerDependency } from "@aws-sdk/client-ecs";
import type { LaunchedContainer } from "../contract.ts";

export function dependenciesOf({ definition }: LaunchedContainer): readonly ContainerDependency[] {
  return (definition as ContainerDefinition).dependsOn ?? [];
}

/**
 * Each after those that it depends on; otherwise an essential one first, because the first one owns
 * the network that all share.
 */
export function startOrder(containers: readonly LaunchedContainer[]): readonly LaunchedContainer[] {
  const first = containers.find((container) => container.essential);
  const preferred = first
    ? [first, ...containers.filter((container) => container !== first)]
    : containers;
  const ordered = new Set<LaunchedContainer>();
  const visiting = new Set<LaunchedContainer>();
  const visit = (container: LaunchedContainer): void => {
    if (visiting.has(container)) return;
    visiting.add(container);
    for (const { containerName } of dependenciesOf(container)) {
      const found = containers.find(({ name }) => name === containerName);
      if (found) visit(found);
    }
    ordered.add(container);
  };
  for (const container of preferred) visit(container);
  return [...ordered];
}

/**
 * Others wait for its end: it cannot own their network, and starts with one of its own. So it does
 * not reach them on 127.0.0.1, unlike on ECS.
 */
export function endsBeforeOthers(
  { name }: LaunchedContainer,
  containers: readonly LaunchedContainer[],
): boolean {
  return containers.some((container) =>
    dependenciesOf(container).some(
      ({ containerName, condition }) =>
        containerName === name && (condition === "COMPLETE" || condition === "SUCCESS"),
    ),
  );
}

export interface DependencyState {
  /** undefined: it still runs. */
  readonly exitCode: number | undefined;
  readonly health: "HEALTHY" | "UNHEALTHY" | undefined;
}

/** Whether the condition is met, can still be met, or never. */
export function judgeDependency(
  condition: ContainerDependency["condition"],
  { exitCode, health }: DependencyState,
): "met" | "waits" | "failed" {
  switch (condition) {
    case "COMPLETE":
      return exitCode === undefined ? "waits" : "met";
    case "SUCCESS":
      if (exitCode === undefined) return "waits";
      return exitCode === 0 ? "met" : "failed";
    case "HEALTHY":
      if (health === "HEALTHY") return "met";
      return health === "UNHEALTHY" || exitCode !== undefined ? "failed" : "waits";
    default:
      return "met";
  }
}

/**
 * With the text of the ECS agent:
 * https://github.com/aws/amazon-ecs-agent/blob/master/agent/engine/dependencygraph/graph.go
 */
export function describeFailedDependency(dependency: string, target: string): string {
  return (
    `dependency graph: failed to resolve container ordering dependency [${dependency}] for target ` +
    `[${target}] as dependency did not exit successfully.`
  );
}
