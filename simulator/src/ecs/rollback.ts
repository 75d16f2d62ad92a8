// What happens when a deployment fails: it is rolled back to the last one that completed, or
// stopped.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html

import { addEvent, events } from "./events.ts";
import type { EcsState, RevisionState, RolloutState, ServiceState } from "./state.ts";

/** How long a failed revision stays in `deployments[]` at least: readers see both for a moment. */
const shownAfterFailureMilliseconds = 10_000;

export interface FailureCause {
  /** Ends the service event `deployment failed: …`. */
  readonly event: string;
  /** rolloutStateReason of the failed classic deployment. */
  readonly failed: string;
  /** rolloutStateReason of the one that ECS rolls back to, up to its id. */
  readonly returning: string;
  /** Ends the service deployment's statusReason `Service deployment rolled back because …`. */
  readonly because: string;
  readonly rollback: boolean;
}

export const breakerCause = (rollback: boolean): FailureCause => ({
  event: "tasks failed to start.",
  failed: "ECS deployment circuit breaker: tasks failed to start.",
  returning: "ECS deployment circuit breaker: rolling back to deploymentId",
  because: "the circuit breaker threshold was exceeded.",
  rollback,
});

export const alarmCause = (names: readonly string[], rollback: boolean): FailureCause => ({
  event: "alarm detected.",
  failed: "ECS deployment failed: alarm detected.",
  returning: "ECS deployment alarm detected: rolling back to deploymentId",
  because: `alarm(s) went into the ALARM state: ${names.join(", ")}.`,
  rollback,
});

/** What ECS says here is not known: read `alarms` of the service deployment. */
export const expressAlarmCause: FailureCause = {
  ...alarmCause([], true),
  because: "a CloudWatch alarm was triggered.",
};

export const stopCause: FailureCause = {
  event: "deployment was stopped.",
  failed: "ECS deployment stopped.",
  returning: "ECS deployment stopped: rolling back to deploymentId",
  because: "a rollback was requested.",
  rollback: true,
};

export const hookCause = (because: string): FailureCause => ({
  event: "lifecycle hook failed.",
  failed: "ECS deployment failed: lifecycle hook failed.",
  returning: "ECS deployment lifecycle hook failed: rolling back to deploymentId",
  because,
  rollback: true,
});

/**
 * Express Mode and blue/green: the rule sends traffic to both target groups.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html; only
 * `because` is AWS's.
 */
export const splitTrafficCause: FailureCause = {
  event: "invalid networking configuration.",
  failed: "ECS deployment failed: invalid networking configuration.",
  returning: "ECS deployment failed: rolling back to deploymentId",
  because:
    "of invalid networking configuration. productionListenerRule ARN should have exactly one " +
    "target group serving traffic but found 2 target groups which are serving traffic",
  rollback: true,
};

/** The deployment cannot go on. */
export function fail(
  world: EcsState,
  service: ServiceState,
  rollout: RolloutState,
  cause: FailureCause,
): void {
  const now = world.clock.now();
  const { target } = rollout;
  target.phase = { is: "failed", reason: cause.failed };
  target.updatedAt = now;
  target.shownUntil = now + shownAfterFailureMilliseconds;
  rollout.updatedAt = now;
  addEvent(world, service, events.failed(target, cause.event));
  if (!cause.rollback)
    return stopDeployment(rollout, now, `Service deployment stopped because ${cause.because}`);

  const candidate = rollbackCandidate(service, target);
  if (!candidate) {
    addEvent(world, service, events.noCandidate(target));
    const why =
      `Service deployment rollback failed because ${cause.because} No rollback candidate was ` +
      "found to run the rollback.";
    return finish(rollout, "ROLLBACK_FAILED", now, why);
  }
  rollBackTo(world, service, candidate, cause);
  rollout.status = "ROLLBACK_IN_PROGRESS";
  rollout.statusReason = `Service deployment is rolling back because ${cause.because}`;
  rollout.rollback = { reason: capitalised(cause.because), startedAt: now, to: candidate };
}

/**
 * The newest deployment that completed. One that is a rollback in progress has not: a third
 * deployment has no candidate then. A candidate that a later deployment replaced long ago is still
 * one: its id is used again.
 */
function rollbackCandidate(
  service: ServiceState,
  failed: RevisionState,
): RevisionState | undefined {
  return service.revisions
    .filter((one) => one !== failed && one.phase.is === "good")
    .reduce<RevisionState | undefined>(
      (newest, one) => ((one.completedAt ?? 0) >= (newest?.completedAt ?? 0) ? one : newest),
      undefined,
    );
}

function rollBackTo(
  world: EcsState,
  service: ServiceState,
  candidate: RevisionState,
  cause: FailureCause,
): void {
  candidate.phase = { is: "returning", reason: `${cause.returning} ${candidate.classicId}.` };
  candidate.updatedAt = world.clock.now();
  candidate.failedTasks = 0;
  if (service.primary.weights) {
    for (const one of service.revisions) if (one.weights) one.weights = { test: 0, production: 0 };
    candidate.weights = { test: 0, production: 100 };
  }
  service.primary = candidate;
  service.settings = candidate.settings;
  if (service.express && candidate.express) service.express.values = candidate.express;
  service.isSteady = false;
  service.throttle = { failures: 0, until: 0 };
  addEvent(world, service, events.rollingBack(candidate));
}

/** The rollback failed too: no more tasks are launched. */
export function failRollback(
  world: EcsState,
  service: ServiceState,
  rollout: RolloutState,
  cause: FailureCause,
): void {
  const now = world.clock.now();
  service.primary.phase = { is: "failed", reason: cause.failed };
  addEvent(world, service, events.failed(service.primary, cause.event));
  finish(
    rollout,
    "ROLLBACK_FAILED",
    now,
    `Service deployment rollback failed because ${cause.because}`,
  );
}

export function finishRollback(rollout: RolloutState, now: number): void {
  const because =
    rollout.statusReason?.replace(/^Service deployment is rolling back because /, "") ?? "";
  finish(rollout, "ROLLBACK_SUCCESSFUL", now, `Service deployment rolled back because ${because}`);
}

/** `stoppedAt` is set when there is no rollback. */
export function stopDeployment(rollout: RolloutState, now: number, reason: string): void {
  rollout.stoppedAt = now;
  finish(rollout, "STOPPED", now, reason);
}

function finish(
  rollout: RolloutState,
  status: "ROLLBACK_FAILED" | "ROLLBACK_SUCCESSFUL" | "STOPPED",
  now: number,
  reason: string,
): void {
  rollout.status = status;
  rollout.statusReason = reason;
  rollout.finishedAt = now;
  rollout.updatedAt = now;
}

function capitalised(because: string): string {
  const text = because.replace(/^of /, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
