// The time that is left of wait-for-minutes, and calls that do not outlast it.

import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import type { CallOptions } from "./call.ts";

/** A last look or request is given this much also when the time is over: a healthy AWS answers in less. */
const leastMilliseconds = 5_000;

/** Milliseconds until a moment, at most `most`, and never so little that a healthy AWS could not answer. */
export function timeLeft(clock: Clock, until: number, most: number): number {
  return Math.max(leastMilliseconds, Math.min(most, until - clock.now()));
}

/**
 * A call, or several, that are over after so many milliseconds, whatever they hang in.
 * @throws DeployError `AwsUnavailable` when they are not through by then
 */
export async function bounded<Answer>(
  milliseconds: number,
  clock: Clock,
  work: (options: CallOptions) => Promise<Answer>,
): Promise<Answer> {
  const end = clock.now() + milliseconds;
  try {
    return await within(milliseconds, clock, work);
  } catch (error) {
    if (error instanceof DeployError || clock.now() < end) throw error;
    const message = `AWS gave no answer within ${Math.round(milliseconds / 1000)} s.`;
    throw new DeployError({ code: "AwsUnavailable", message }, { cause: error });
  }
}

/** Gives up on a look after so long, whatever it hangs in; the calls behind it are aborted. */
export async function within<Piece>(
  milliseconds: number,
  clock: Clock,
  look: (options: CallOptions) => Promise<Piece>,
): Promise<Piece> {
  const deadline = new AbortController();
  const timer = new AbortController();
  const late = new Promise<never>((_, reject) => {
    deadline.signal.addEventListener("abort", () => reject(deadline.signal.reason), { once: true });
  });
  clock.sleep(milliseconds, timer.signal).then(
    () => deadline.abort(new Error(`no answer within ${milliseconds / 1000} s`)),
    () => {},
  );
  try {
    return await Promise.race([
      look({ retryForMilliseconds: milliseconds, signal: deadline.signal }),
      late,
    ]);
  } finally {
    timer.abort();
  }
}
