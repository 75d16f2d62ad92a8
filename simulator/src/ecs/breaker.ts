// The thresholds of the deployment circuit breaker. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
//
// Stage 1 counts tasks that never reach RUNNING, stage 2 (from the first RUNNING task on) tasks
// that fail a health check. From outside, both are one rule: a task that ends by itself before it
// was ever healthy counts, and so does one that fails a health check later. A task without checks
// that lives longer than the settle time was healthy, so it never counts.

import type { DeploymentCircuitBreaker } from "@aws-sdk/client-ecs";

const minThreshold = 3;
const maxThreshold = 200;
const defaultPercent = 50;

/** Failures that trip the breaker; recomputed from the latest desired count. */
export function breakerThreshold(
  breaker: DeploymentCircuitBreaker | undefined,
  desiredCount: number,
): number {
  const { type = "BOUNDED_PERCENT", value = defaultPercent } =
    breaker?.thresholdConfiguration ?? {};
  if (type === "COUNT") return value;
  const share = Math.ceil((desiredCount * value) / 100);
  return type === "UNBOUNDED_PERCENT"
    ? share
    : Math.min(maxThreshold, Math.max(minThreshold, share));
}

interface TaskEnd {
  /** It was not requested, or the scheduler requested it because a check failed. */
  readonly byItself: boolean;
  readonly wasHealthy: boolean;
  readonly failedCheck: boolean;
}

export function countsAsFailure(ending: TaskEnd): boolean {
  return ending.failedCheck || (ending.byItself && !ending.wasHealthy);
}

export function resetsOnHealthyTask(breaker: DeploymentCircuitBreaker | undefined): boolean {
  return breaker?.resetOnHealthyTask ?? true;
}

/** A percentage of a small count may round to 0, which would trip before any task failed. */
export function tripsBreaker(
  breaker: DeploymentCircuitBreaker | undefined,
  failedTasks: number,
  desiredCount: number,
): boolean {
  return (
    breaker?.enable === true &&
    failedTasks > 0 &&
    failedTasks >= breakerThreshold(breaker, desiredCount)
  );
}

const unthrottledFailures = 2;
const throttleStepMilliseconds = 15_000;
const maxThrottleMilliseconds = 900_000;

/**
 * Delay before the next launch after this many consecutive tasks that went from PENDING to STOPPED:
 * grows up to 15 minutes.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 */
export function throttleDelay(failuresInARow: number): number {
  if (failuresInARow < unthrottledFailures) return 0;
  return Math.min(
    maxThrottleMilliseconds,
    throttleStepMilliseconds * 2 ** Math.min(10, failuresInARow - unthrottledFailures),
  );
}
