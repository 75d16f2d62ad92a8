// Moves a service deployment through its states, at most one step per call.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html

import { tripsBreaker } from "./breaker.ts";
import { earlySuccessReached } from "./early-success.ts";
import { followHooks } from "./hooks.ts";
import {
  alarmCause,
  breakerCause,
  expressAlarmCause,
  type FailureCause,
  fail,
  failRollback,
  finishRollback,
  splitTrafficCause,
  stopCause,
  stopDeployment,
} from "./rollback.ts";
import type { EcsState, RolloutState, ServiceState, Step } from "./state.ts";
import { isComplete, liveTasks, ongoingRollout, otherRevisions } from "./task-counts.ts";

/** True when something changed. */
export function progress(world: EcsState, service: ServiceState): boolean {
  const rollout = ongoingRollout(service);
  if (!rollout || service.status !== "ACTIVE") return false;
  const now = world.clock.now();
  switch (rollout.status) {
    case "PENDING":
      if (now < rollout.createdAt + world.timing.firstTick) return false;
      rollout.status = "IN_PROGRESS";
      rollout.startedAt = now;
      rollout.stepStartedAt = now;
      rollout.updatedAt = now;
      if (service.express?.isSplit) fail(world, service, rollout, splitTrafficCause);
      return true;
    case "IN_PROGRESS":
      return continueDeployment(world, service, rollout);
    case "ROLLBACK_REQUESTED":
      fail(world, service, rollout, stopCause);
      return true;
    case "STOP_REQUESTED":
      rollout.target.phase = { is: "failed", reason: stopCause.failed };
      stopDeployment(rollout, now, "Service deployment was stopped.");
      return true;
    default:
      return continueRollback(world, service, rollout, now);
  }
}

function continueDeployment(
  world: EcsState,
  service: ServiceState,
  rollout: RolloutState,
): boolean {
  const cause = findFailure(world, service, rollout);
  if (cause) {
    fail(world, service, rollout, cause);
    return true;
  }
  const step = rollout.steps[rollout.step];
  if (!step) {
    succeed(world, rollout);
    return true;
  }
  const outcome = work(world, service, rollout, step);
  if (outcome === "waiting") return false;
  if (outcome === "done") nextStep(world, rollout);
  else fail(world, service, rollout, outcome);
  return true;
}

/** Breaker and alarms are both watched: the first one to fail decides. */
function findFailure(
  world: EcsState,
  service: ServiceState,
  rollout: RolloutState,
): FailureCause | undefined {
  const { deploymentCircuitBreaker: breaker, alarms } = rollout.configuration;
  if (tripsBreaker(breaker, rollout.target.failedTasks, service.desiredCount)) {
    rollout.breakerTripped = true;
    return breakerCause(breaker?.rollback ?? false);
  }
  const triggered = rollout.alarms.watched
    ? rollout.alarms.names.filter((name) => world.alarms.has(name))
    : [];
  if (triggered.length === 0) return undefined;
  rollout.alarms.triggered = triggered;
  if (service.express) return expressAlarmCause;
  return alarmCause(triggered, alarms?.rollback ?? false);
}

function continueRollback(
  world: EcsState,
  service: ServiceState,
  rollout: RolloutState,
  now: number,
): boolean {
  const { deploymentCircuitBreaker: breaker } = rollout.configuration;
  if (tripsBreaker(breaker, service.primary.failedTasks, service.desiredCount)) {
    failRollback(world, service, rollout, breakerCause(true));
    return true;
  }
  const released = otherRevisions(service).every((one) => liveTasks(one).length === 0);
  if (!isComplete(service, service.primary) || !released) return false;
  finishRollback(rollout, now);
  return true;
}

function work(
  world: EcsState,
  service: ServiceState,
  rollout: RolloutState,
  step: Step,
): "waiting" | "done" | FailureCause {
  const elapsed = world.clock.now() - rollout.stepStartedAt;
  const when = (done: boolean) => (done ? "done" : "waiting");
  switch (step.do) {
    case "hooks": {
      const outcome = followHooks(world, rollout, step.hooks);
      return outcome.is === "failed" ? outcome.cause : outcome.is;
    }
    case "infrastructure":
      return when(world.clock.now() >= (service.express?.infrastructure.readyAt ?? 0));
    case "roll":
      return when(isRolledOut(service, rollout));
    case "reconcile":
      return when(
        otherRevisions(service).every(
          (one) => rollout.sources[0] === one || one.tasks.length === 0,
        ),
      );
    case "scaleUp":
      return when(isComplete(service, rollout.target));
    case "testTraffic":
      rollout.target.weights = { test: 100, production: rollout.target.weights?.production ?? 0 };
      return when(elapsed >= world.timing.trafficShift);
    case "productionTraffic":
      shiftTraffic(rollout, step.percent);
      return when(elapsed >= world.timing.trafficShift);
    case "wait":
      return when(elapsed >= step.milliseconds);
    case "cleanUp":
      return when(otherRevisions(service).every((one) => one.tasks.length === 0));
  }
}

/**
 * True when the new tasks are healthy and the old ones were asked to stop (AWS was seen to report
 * SUCCESSFUL before they have stopped); early success needs fewer new ones, and waits for the old
 * ones only if clean-up is BLOCKING.
 */
function isRolledOut(service: ServiceState, rollout: RolloutState): boolean {
  if (earlySuccessReached(service, rollout)) {
    const deferred =
      rollout.configuration.earlySuccessCriteria?.sourceServiceRevisionCleanup === "DEFERRED";
    return deferred || otherRevisions(service).every((one) => one.tasks.length === 0);
  }
  return (
    isComplete(service, rollout.target) &&
    otherRevisions(service).every((one) => liveTasks(one).length === 0)
  );
}

function shiftTraffic(rollout: RolloutState, percent: number): void {
  const [blue] = rollout.sources;
  rollout.target.weights = { test: rollout.target.weights?.test ?? 0, production: percent };
  if (blue) blue.weights = { test: 0, production: Math.round((100 - percent) * 10) / 10 };
}

function nextStep(world: EcsState, rollout: RolloutState): void {
  rollout.step++;
  rollout.stepStartedAt = world.clock.now();
  rollout.updatedAt = world.clock.now();
  if (!rollout.steps[rollout.step]) succeed(world, rollout);
}

function succeed(world: EcsState, rollout: RolloutState): void {
  rollout.status = "SUCCESSFUL";
  rollout.finishedAt = world.clock.now();
  rollout.updatedAt = world.clock.now();
}
