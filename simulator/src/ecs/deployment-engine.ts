// Reconciles a service when something happened or is due, and only then: there is no periodic
// timer.

import { finishDeletion } from "./deletion.ts";
import { addEvent, events } from "./events.ts";
import { progress } from "./progress.ts";
import { checkHealth, schedule } from "./scheduler.ts";
import type { EcsState, RolloutState, ServiceState } from "./state.ts";
import {
  healthyAt,
  isComplete,
  isGone,
  latestRollout,
  liveTasks,
  ongoingRollout,
  otherRevisions,
  unhealthyStopAt,
} from "./task-counts.ts";

/** Schedules `reconcile` after at most this many milliseconds. */
export function scheduleReconcile(
  world: EcsState,
  service: ServiceState,
  delayMilliseconds: number,
): void {
  const at = world.clock.now() + delayMilliseconds;
  if (service.wake && service.wake.at <= at) return;
  service.wake?.cancel();
  const cancel = world.clock.schedule(delayMilliseconds, () => {
    delete service.wake;
    readCurrentState(world, service);
  });
  service.wake = { at, cancel };
}

function readCurrentState(world: EcsState, service: ServiceState): void {
  if (service.status === "INACTIVE") return;
  // Read first: on the real clock something may become due during the reconciliation, and would
  // otherwise be missed.
  const since = world.clock.now();
  const changed = [
    checkHealth(world, service),
    progress(world, service),
    schedule(world, service),
    updateSteadyState(world, service),
  ];
  if (changed.includes(true)) return scheduleReconcile(world, service, world.timing.reaction);
  const next = Math.min(...dueTimes(world, service).filter((moment) => moment > since));
  if (next < Infinity) scheduleReconcile(world, service, Math.max(0, next - world.clock.now()));
}

/** The end in the classic view: COMPLETED once the old tasks have stopped, and the steady state. */
function updateSteadyState(world: EcsState, service: ServiceState): boolean {
  const now = world.clock.now();
  if (service.status === "DRAINING") return finishDeletion(service);
  const { primary } = service;
  const alone = otherRevisions(service).every((one) => isGone(service, one, now));
  if (!alone || !isComplete(service, primary) || primary.phase.is === "failed") {
    service.isSteady = false;
    return false;
  }
  const latest = latestRollout(service);
  if (
    primary.phase.is !== "good" &&
    (latest?.status === "SUCCESSFUL" || latest?.status === "ROLLBACK_SUCCESSFUL")
  ) {
    primary.phase = { is: "good" };
    primary.completedAt = now;
    primary.updatedAt = now;
    addEvent(world, service, events.completed(primary));
  }
  if (!service.isSteady) {
    service.isSteady = true;
    addEvent(world, service, events.steady());
  }
  return false;
}

/** The times at which something changes without another event. */
function dueTimes(world: EcsState, service: ServiceState): readonly number[] {
  const rollout = ongoingRollout(service);
  return [
    ...service.revisions
      .flatMap(liveTasks)
      .flatMap((task) => [
        task.wasHealthy ? undefined : healthyAt(task, world.timing),
        unhealthyStopAt(task),
      ]),
    ...otherRevisions(service).map((one) => one.shownUntil),
    service.throttle.until,
    ...(rollout ? rolloutDueTimes(world, rollout) : []),
    service.express?.infrastructure.readyAt,
  ].filter((moment) => moment !== undefined);
}

function rolloutDueTimes(world: EcsState, rollout: RolloutState): readonly (number | undefined)[] {
  const step = rollout.steps[rollout.step];
  const hooks = rollout.hooks.filter(
    (hook) => hook.status === "IN_PROGRESS" || hook.status === "AWAITING_ACTION",
  );
  return [
    rollout.createdAt + world.timing.firstTick,
    step?.do === "wait" ? rollout.stepStartedAt + step.milliseconds : undefined,
    rollout.stepStartedAt + world.timing.trafficShift,
    rollout.rollback ? rollout.rollback.startedAt + world.timing.trafficShift : undefined,
    ...hooks.flatMap((hook) => [hook.answerAt, hook.expiresAt]),
  ];
}
