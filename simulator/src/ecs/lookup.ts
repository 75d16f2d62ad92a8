// Finds the records of names or ARNs.

import {
  clientException,
  clusterNotFound,
  deploymentNotFound,
  serviceNotActive,
  serviceNotFound,
} from "./errors.ts";
import { nameOf, parseTaskDefinition } from "./identifiers.ts";
import type {
  ClusterState,
  EcsState,
  RevisionState,
  RolloutState,
  ServiceState,
  TaskDefinitionState,
  TaskState,
} from "./state.ts";

/** The default cluster is `default`. Reads do not find an inactive cluster. */
export function findCluster(world: EcsState, nameOrArn: string | undefined): ClusterState {
  const cluster = world.clusters.get(nameOf(nameOrArn ?? "default"));
  if (cluster?.status !== "ACTIVE" || (isArn(nameOrArn) && cluster.arn !== nameOrArn))
    throw clusterNotFound();
  return cluster;
}

export function findService(cluster: ClusterState, nameOrArn: string): ServiceState | undefined {
  const service = cluster.services.get(nameOf(nameOrArn));
  return service && isArn(nameOrArn) && service.arn !== nameOrArn ? undefined : service;
}

export function requireService(
  world: EcsState,
  cluster: string | undefined,
  service: string,
): ServiceState {
  const found = findService(findCluster(world, cluster), service ?? "");
  if (!found) throw serviceNotFound();
  return found;
}

export function requireActiveService(
  world: EcsState,
  cluster: string | undefined,
  service: string,
): ServiceState {
  const found = requireService(world, cluster, service);
  if (found.status !== "ACTIVE") throw serviceNotActive();
  return found;
}

/** `family` alone means its newest ACTIVE revision. */
export function findTaskDefinition(
  world: EcsState,
  reference: string,
): TaskDefinitionState | undefined {
  const { family, revision } = parseTaskDefinition(reference);
  const revisions = world.families.get(family) ?? [];
  const found =
    revision === undefined
      ? revisions.findLast((one) => one.status === "ACTIVE")
      : revisions.find((one) => one.revision === revision);
  return found && isArn(reference) && found.arn !== reference ? undefined : found;
}

/** For starting a task or deployment: must exist and be ACTIVE. */
export function requireTaskDefinition(world: EcsState, reference: string): TaskDefinitionState {
  const found = findTaskDefinition(world, reference);
  if (!found) throw clientException("TaskDefinition not found.");
  if (found.status !== "ACTIVE") throw clientException("TaskDefinition is inactive");
  return found;
}

export function allServices(world: EcsState): ServiceState[] {
  return [...world.clusters.values()].flatMap((cluster) => [...cluster.services.values()]);
}

export function findRollout(
  world: EcsState,
  arn: string,
): { service: ServiceState; rollout: RolloutState } | undefined {
  for (const service of allServices(world)) {
    const rollout = service.rollouts.find((one) => one.arn === arn);
    if (rollout) return { service, rollout };
  }
  return undefined;
}

export function requireRollout(
  world: EcsState,
  arn: string,
): { service: ServiceState; rollout: RolloutState } {
  const found = findRollout(world, arn);
  if (!found) throw deploymentNotFound();
  return found;
}

export function findRevision(
  world: EcsState,
  arn: string,
): { service: ServiceState; revision: RevisionState } | undefined {
  for (const service of allServices(world)) {
    const revision = service.revisions.find((one) => one.arn === arn);
    if (revision) return { service, revision };
  }
  return undefined;
}

/** ECS removes stopped tasks after an hour. */
export function visibleTasks(world: EcsState, cluster: ClusterState): readonly TaskState[] {
  const oldest = world.clock.now() - world.timing.stoppedVisible;
  cluster.tasks = cluster.tasks.filter(
    (task) => task.stoppedAt === undefined || task.stoppedAt > oldest,
  );
  return cluster.tasks;
}

function isArn(reference: string | undefined): boolean {
  return reference?.startsWith("arn:") ?? false;
}
