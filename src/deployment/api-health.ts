// Whether an API answers, and how long a call is retried: several tries while the API works, one
// try once it has failed.

import type { CallOptions } from "../aws/call.ts";
import { callWithTimeout, timeLeft } from "../aws/deadline.ts";
import type { Clock } from "../clock.ts";
import type { ReadFailure } from "../ecs/deployment.ts";
import { DeployError } from "../errors.ts";

/** Survives a short failure: several tries. */
const healthyTimeoutMilliseconds = 15_000;

/** One try: the other API is read as well. */
const failingTimeoutMilliseconds = 5_000;

export interface ApiHealth {
  /** Of the last call; undefined: the call succeeded, or there was none. */
  readonly failure: DeployError | undefined;
  /**
   * undefined when it fails; only a cancellation is thrown. Ends at `until`, or some seconds after
   * it.
   */
  readonly attempt: <Answer>(
    until: number,
    work: (options: CallOptions) => Promise<Answer>,
  ) => Promise<Answer | undefined>;
}

export function createApiHealth(clock: Clock): ApiHealth {
  let failure: DeployError | undefined;
  return {
    get failure() {
      return failure;
    },
    async attempt(until, work) {
      const timeout = failure ? failingTimeoutMilliseconds : healthyTimeoutMilliseconds;
      try {
        const result = await callWithTimeout(timeLeft(clock, until, timeout), clock, work);
        failure = undefined;
        return result;
      } catch (error) {
        if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
        failure = error;
        return undefined;
      }
    },
  };
}

/** Why nothing can be read; transient if one of these APIs may answer again soon. */
export function readFailureOf(apis: readonly ApiHealth[]): ReadFailure | undefined {
  const failures = apis.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  return (
    first && {
      reason: first.message,
      transient: failures.some(({ code }) => code === "AwsUnavailable"),
    }
  );
}
