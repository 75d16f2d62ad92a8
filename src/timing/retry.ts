// Attempts, one after the other, until one is final.

import type { Clock } from "../clock.ts";

interface RetryPorts {
  readonly clock: Clock;
  /** Ends the pause between two attempts when it aborts; undefined: nothing ends it. */
  readonly signal: AbortSignal | undefined;
}

/**
 * The result of the last attempt, good or bad: a failure that may be tried again is a result, what
 * an attempt throws ends all.
 * @param attempt gets its number, from 1
 * @param pauseAfter the policy: milliseconds until the next attempt, 0 for at once; undefined: this
 * result is final
 */
export async function retry<Result>(
  attempt: (number: number) => Promise<Result>,
  pauseAfter: (result: Result, number: number) => number | undefined | Promise<number | undefined>,
  { clock, signal }: RetryPorts,
): Promise<Result> {
  for (let number = 1; ; number++) {
    const result = await attempt(number);
    const pause = await pauseAfter(result, number);
    if (pause === undefined) return result;
    if (pause > 0) await clock.sleep(pause, signal);
  }
}
