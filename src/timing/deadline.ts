// Work that is given up when its time is over.

import type { Clock } from "../clock.ts";

/**
 * The result of the work, unless it takes longer than `milliseconds`: then the signal that it got
 * aborts, and the caller continues even if the work ignores the signal.
 * @throws Error `TimeoutError` when the time is over; what the work throws before that
 */
export async function withDeadline<Result>(
  milliseconds: number,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const deadline = new AbortController();
  const timer = new AbortController();
  const timedOut = new Promise<never>((_, reject) => {
    deadline.signal.addEventListener("abort", () => reject(deadline.signal.reason), { once: true });
  });
  clock.sleep(milliseconds, timer.signal).then(
    () => deadline.abort(timeoutError(milliseconds)),
    () => {},
  );
  try {
    return await Promise.race([work(deadline.signal), timedOut]);
  } finally {
    timer.abort();
  }
}

function timeoutError(milliseconds: number): Error {
  const error = new Error(`no answer within ${milliseconds / 1000} s`);
  error.name = "TimeoutError";
  return error;
}
