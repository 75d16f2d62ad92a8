// The service scheduler: starts and stops the tasks of each revision to match the service.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html

import { countsAsFailure, resetsOnHealthyTask, throttleDelay } from "./breaker.ts";
import { earlySuccessReached } from "./early-success.ts";
import { addEvent, events } from "./events.ts";
import { watchTarget } from "./express/probes.ts";
import { planRolling } from "./rolling.ts";
import { stagedTaskTargets, stepReached } from "./stages.ts";
import type { EcsState, RevisionState, ServiceState, TaskState } from "./state.ts";
import {
  healthyAt,
  healthyTasks,
  isStaged,
  liveTasks,
  ongoingRollout,
  otherRevisions,
  stoppingTasks,
  unhealthyStopAt,
} from "./task-counts.ts";
import { launchTask, stopTask, type TaskObserver } from "./tasks.ts";

/** AWS repeats the event from time to time; repeating it every time would hide the other events. */
const stuckEventMilliseconds = 300_000;
const placementRetryMilliseconds = 30_000;

/** Starts and stops what is due; true when something changed. */
export function schedule(world: EcsState, service: ServiceState): boolean {
  if (service.status !== "ACTIVE") return stopAll(world, service, service.revisions);
  const rollout = ongoingRollout(service);
  if (rollout?.steps[rollout.step]?.do === "infrastructure" && !rollout.rollback) return false;
  if (rollout && isStaged(rollout)) {
    const aims = stagedTaskTargets(service, rollout, world.clock.now(), world.timing.trafficShift);
    return service.revisions
      .map((revision) => scaleTo(world, service, revision, aims.get(revision) ?? 0))
      .includes(true);
  }
  if (service.primary.phase.is === "failed") return false;
  // A hook stops the rollout before its first task.
  if (rollout && rollout.status !== "ROLLBACK_IN_PROGRESS" && !stepReached(rollout, "roll"))
    return false;
  return roll(world, service);
}

function roll(world: EcsState, service: ServiceState): boolean {
  const { primary, desiredCount: desired } = service;
  const old = otherRevisions(service).flatMap(liveTasks);
  const rollout = ongoingRollout(service);
  const plan = planRolling({
    desired,
    minimumHealthyPercent: service.deploymentConfiguration.minimumHealthyPercent ?? 100,
    maximumPercent: service.deploymentConfiguration.maximumPercent ?? 200,
    target: {
      live: liveTasks(primary).length,
      good: healthyTasks(primary).length,
      leaving: stoppingTasks(primary).length,
    },
    old: { live: old.length, good: old.filter((task) => task.wasHealthy).length },
    stopping: service.revisions
      .flatMap((one) => one.tasks)
      .filter((task) => task.desiredStatus === "STOPPED").length,
    releaseOld:
      rollout !== undefined &&
      earlySuccessReached(service, rollout) &&
      blocksOnCleanUp(rollout.configuration),
  });
  primary.desired = desired;
  const started = start(world, service, primary, plan.start);
  const stoppedOld = stop(world, service, pickToStop(old, plan.stopOld));
  const stoppedTarget = stop(world, service, pickToStop(liveTasks(primary), plan.stopTarget));
  for (const one of otherRevisions(service)) one.desired = liveTasks(one).length;
  if (plan.stuck) addStuckEvent(world, service);
  return started || stoppedOld || stoppedTarget;
}

const blocksOnCleanUp = (configuration: ServiceState["deploymentConfiguration"]) =>
  configuration.earlySuccessCriteria?.sourceServiceRevisionCleanup !== "DEFERRED";

function scaleTo(
  world: EcsState,
  service: ServiceState,
  revision: RevisionState,
  wanted: number,
): boolean {
  revision.desired = wanted;
  const alive = liveTasks(revision);
  const missing = Math.max(0, wanted - alive.length - stoppingTasks(revision).length);
  if (alive.length < wanted) return start(world, service, revision, missing);
  return stop(world, service, pickToStop(alive, alive.length - wanted));
}

function start(
  world: EcsState,
  service: ServiceState,
  revision: RevisionState,
  count: number,
): boolean {
  if (count === 0 || service.throttle.until > world.clock.now()) return false;
  const refusal = world.placementFailures.get(revision.taskDefinition.family);
  if (refusal !== undefined) return cannotPlace(world, service, revision, refusal);
  const digests = Object.fromEntries(
    revision.images.map((one) => [one.containerName ?? "", one.imageDigest]),
  );
  const order = {
    cluster: service.cluster,
    definition: revision.taskDefinition,
    service,
    revision,
    startedBy: revision.classicId,
    group: `service:${service.name}`,
    settings: revision.settings,
    tags: service.settings.propagateTags === "SERVICE" ? service.tags : [],
    digests,
  };
  const started = Array.from({ length: count }, () =>
    launchTask(world, order, serviceObserver(world)),
  );
  addEvent(world, service, events.started(started));
  return true;
}

/** A task that cannot be launched counts as failed. The scheduler tries again later. */
function cannotPlace(
  world: EcsState,
  service: ServiceState,
  revision: RevisionState,
  reason: string,
): boolean {
  addEvent(world, service, events.cannotPlace(reason));
  revision.failedTasks++;
  service.throttle.failures++;
  service.throttle.until = world.clock.now() + placementRetryMilliseconds;
  return true;
}

function stop(world: EcsState, service: ServiceState, tasks: readonly TaskState[]): boolean {
  if (tasks.length === 0) return false;
  const targetGroups = (service.settings.loadBalancers ?? []).map(
    (one) => one.targetGroupArn ?? "",
  );
  for (const group of targetGroups)
    addEvent(world, service, events.deregistered(tasks.length, group));
  const revision = tasks[0]?.revision;
  if (targetGroups.length > 0 && revision)
    addEvent(world, service, events.draining(revision, tasks));
  addEvent(world, service, events.stopped(tasks));
  const stoppedReason = `Scaling activity initiated by (deployment ${service.primary.classicId})`;
  for (const task of tasks) {
    stopTask(
      world,
      task,
      { by: "scheduler", stopCode: "ServiceSchedulerInitiated", stoppedReason },
      serviceObserver(world),
    );
  }
  return true;
}

function stopAll(
  world: EcsState,
  service: ServiceState,
  revisions: readonly RevisionState[],
): boolean {
  for (const revision of revisions) revision.desired = 0;
  return stop(world, service, revisions.flatMap(liveTasks));
}

/** Unhealthy ones first, then the oldest. */
function pickToStop(tasks: readonly TaskState[], count: number): readonly TaskState[] {
  return [...tasks]
    .sort((one, other) => Number(one.wasHealthy) - Number(other.wasHealthy))
    .slice(0, count);
}

function addStuckEvent(world: EcsState, service: ServiceState): void {
  const now = world.clock.now();
  if (service.stuckEventAt !== undefined && now - service.stuckEventAt < stuckEventMilliseconds)
    return;
  service.stuckEventAt = now;
  addEvent(world, service, events.stuck());
}

/**
 * Records which tasks became healthy, and stops those that fail a check; true when something
 * changed.
 */
export function checkHealth(world: EcsState, service: ServiceState): boolean {
  const now = world.clock.now();
  let changed = false;
  for (const task of service.revisions.flatMap(liveTasks)) {
    if ((unhealthyStopAt(task) ?? Infinity) <= now) {
      const { event, stoppedReason } = failedCheck(service, task);
      addEvent(world, service, event);
      stopTask(
        world,
        task,
        { by: "check", stopCode: "ServiceSchedulerInitiated", stoppedReason },
        serviceObserver(world),
      );
      changed = true;
    } else if (!task.wasHealthy && (healthyAt(task, world.timing) ?? Infinity) <= now) {
      task.wasHealthy = true;
      changed = true;
      if (
        task.revision &&
        resetsOnHealthyTask(service.deploymentConfiguration.deploymentCircuitBreaker)
      )
        task.revision.failedTasks = 0;
    }
  }
  return changed;
}

function failedCheck(service: ServiceState, task: TaskState) {
  if (task.target?.unhealthyAt === undefined)
    return {
      event: events.unhealthyContainer(task),
      stoppedReason: "Task failed container health checks",
    };
  const group = service.settings.loadBalancers?.[0]?.targetGroupArn ?? "-";
  return {
    event: events.unhealthyTarget(task, group),
    stoppedReason: `Task failed ELB health checks in (target-group ${group})`,
  };
}

/** Observes a task for its service, if it has one. */
export function serviceObserver(world: EcsState): TaskObserver {
  const wake = (task: TaskState) => task.service && world.wake(task.service, world.timing.reaction);
  return {
    changed: wake,
    running(task) {
      const { service } = task;
      if (!service) return;
      service.throttle.failures = 0;
      watchTarget(world, task);
      for (const { targetGroupArn } of service.settings.loadBalancers ?? []) {
        if (targetGroupArn) addEvent(world, service, events.registered(targetGroupArn));
      }
      wake(task);
    },
    ended(task) {
      recordTaskEnd(world, task);
      wake(task);
    },
  };
}

function recordTaskEnd(world: EcsState, task: TaskState): void {
  const { service, revision } = task;
  if (!service || !revision) return;
  revision.tasks = revision.tasks.filter((one) => one !== task);
  // A runner that stops a task for the scheduler simulates a failed load balancer health check.
  const failedTarget = !task.stoppedBy && task.stopCode === "ServiceSchedulerInitiated";
  const failedCheck = task.stoppedBy === "check" || failedTarget;
  if (failedTarget)
    addEvent(
      world,
      service,
      events.unhealthyTarget(task, service.settings.loadBalancers?.[0]?.targetGroupArn ?? "-"),
    );
  if (!countsAsFailure({ byItself: !task.stoppedBy, wasHealthy: task.wasHealthy, failedCheck }))
    return;
  revision.failedTasks++;
  revision.updatedAt = world.clock.now();
  if (task.stopCode === "TaskFailedToStart")
    addEvent(world, service, events.cannotPlace(task.stoppedReason ?? ""));
  if (!task.hasRun) throttle(world, service);
}

function throttle(world: EcsState, service: ServiceState): void {
  service.throttle.failures++;
  const gap = throttleDelay(service.throttle.failures);
  service.throttle.until = world.clock.now() + gap;
  if (gap > 0) addEvent(world, service, events.throttled());
}
