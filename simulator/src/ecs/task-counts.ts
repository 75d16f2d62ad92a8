// Questions about a revision's tasks and a service's deployments. Pure.

import type { RevisionState, RolloutState, ServiceState, TaskState } from "./state.ts";
import type { Timing } from "./timing.ts";

const startingStatuses = new Set(["PROVISIONING", "PENDING", "ACTIVATING"]);
const ongoingStatuses = new Set([
  "PENDING",
  "IN_PROGRESS",
  "STOP_REQUESTED",
  "ROLLBACK_REQUESTED",
  "ROLLBACK_IN_PROGRESS",
]);

const isLive = (task: TaskState) => task.desiredStatus === "RUNNING";
export const liveTasks = (revision: RevisionState) => revision.tasks.filter(isLive);
/**
 * Ended by itself, by a failed check or by a user: counts until it is STOPPED, then it is replaced.
 */
export const stoppingTasks = (revision: RevisionState) =>
  revision.tasks.filter((task) => !isLive(task) && task.stoppedBy !== "scheduler");
/** Healthy and in service now. */
export const healthyTasks = (revision: RevisionState) =>
  revision.tasks.filter((task) => isLive(task) && task.wasHealthy);
export const runningTasks = (revision: RevisionState) =>
  revision.tasks.filter((task) => task.lastStatus === "RUNNING").length;
export const pendingTasks = (revision: RevisionState) =>
  revision.tasks.filter((task) => startingStatuses.has(task.lastStatus)).length;

export const isOngoing = (rollout: RolloutState) => ongoingStatuses.has(rollout.status);
export const isStaged = (rollout: RolloutState) =>
  (rollout.configuration.strategy ?? "ROLLING") !== "ROLLING" && rollout.sources.length > 0;

/** Only the newest service deployment is advanced; an older one is about to be superseded. */
export const latestRollout = (service: ServiceState) => service.rollouts.at(-1);
export function ongoingRollout(service: ServiceState): RolloutState | undefined {
  const latest = latestRollout(service);
  return latest && isOngoing(latest) ? latest : undefined;
}

export const otherRevisions = (service: ServiceState) =>
  service.revisions.filter((one) => one !== service.primary);
/** Not in `deployments[]` any more. */
export const isGone = (service: ServiceState, revision: RevisionState, now: number) =>
  revision !== service.primary && revision.tasks.length === 0 && now >= revision.shownUntil;

/** All desired tasks run and are healthy. */
export function isComplete(service: ServiceState, revision: RevisionState): boolean {
  return (
    liveTasks(revision).length === service.desiredCount &&
    healthyTasks(revision).length === service.desiredCount
  );
}

/**
 * When this task counts as healthy: its essential containers with a health check are HEALTHY and,
 * behind a load balancer, its target had the time to become so; without any check, a while after
 * RUNNING. `undefined`: not foreseeable (yet).
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 * (minimumHealthyPercent)
 */
export function healthyAt(task: TaskState, timing: Timing): number | undefined {
  if (task.lastStatus !== "RUNNING" || task.runningAt === undefined || !isLive(task))
    return undefined;
  const checked = task.containers.filter((one) => one.hasHealthCheck && one.essential);
  if (checked.some((one) => one.health !== "HEALTHY")) return undefined;
  if (task.target) return task.target.healthyAt;
  const balanced = (task.settings.loadBalancers?.length ?? 0) > 0;
  if (balanced) return task.runningAt + timing.targetHealthy;
  if (checked.length > 0) return task.runningAt;
  return task.runningAt + timing.settle;
}

/**
 * When the scheduler may stop this task because of a failing container; `undefined`: no container
 * fails.
 */
export function unhealthyStopAt(task: TaskState): number | undefined {
  if (!isLive(task) || task.runningAt === undefined) return undefined;
  if (task.target?.unhealthyAt !== undefined) return task.target.unhealthyAt;
  if (!task.containers.some((one) => one.essential && one.health === "UNHEALTHY")) return undefined;
  return task.runningAt + (task.settings.healthCheckGracePeriodSeconds ?? 0) * 1000;
}
