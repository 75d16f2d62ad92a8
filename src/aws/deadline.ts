// The time that is left of wait-for-minutes, and calls that do not outlast it.

import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import { withDeadline } from "../timing/deadline.ts";
import type { CallOptions } from "./call.ts";

/**
 * A last read or request gets this much even when the time is over: AWS normally answers in less.
 */
const minCallMilliseconds = 5_000;

/** Milliseconds until a moment, at most `max`, and never less than AWS normally needs to answer. */
export function timeLeft(clock: Clock, until: number, max: number): number {
  return Math.max(minCallMilliseconds, Math.min(max, until - clock.now()));
}

/**
 * One or more calls that end after this many milliseconds, wherever they hang.
 * @throws DeployError `AwsUnavailable` when they have not finished by then
 */
export async function callWithTimeout<Answer>(
  milliseconds: number,
  clock: Clock,
  work: (options: CallOptions) => Promise<Answer>,
): Promise<Answer> {
  const end = clock.now() + milliseconds;
  try {
    return await withDeadline(milliseconds, clock, (signal) =>
      work({ retryForMilliseconds: milliseconds, signal }),
    );
  } catch (error) {
    if (error instanceof DeployError || clock.now() < end) throw error;
    const message = `AWS gave no answer within ${Math.round(milliseconds / 1000)} s.`;
    throw new DeployError({ code: "AwsUnavailable", message }, { cause: error });
  }
}
