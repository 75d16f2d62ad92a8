// Every call to AWS is made here: one pace, one time-out, one retry policy, one translation of
// errors.
//
// The SDK's own retry is switched off (maxAttempts 1): its three tries are over within 0.1 s, too
// short for any outage, and its sleeps ignore our clock and our cancel signal. The SDK corrects a
// wrong clock in one of those retries, so that is done here.

import type { Clock } from "../clock.ts";
import { withDeadline } from "../timing/deadline.ts";
import { retry } from "../timing/retry.ts";
import {
  type CallerContext,
  failureLabel,
  isClockSkew,
  isExpiredCredentials,
  isThrottled,
  isTransient,
  toDeployError,
} from "./aws-errors.ts";
import type { Pace } from "./pace.ts";
import { type ResponseFacts, withResponseFacts } from "./response-facts.ts";

export interface CallOptions {
  /**
   * How long a call that fails with a transient error is retried. The time in which it waits for
   * its turn does not count. Default 60 s.
   */
  readonly retryForMilliseconds?: number;
  /** The caller has waited for the turn of the first request. */
  readonly hasTurn?: boolean;
  /** Which errors are retried. Default: those after which a retry may succeed. */
  readonly isRetryable?: (error: unknown) => boolean;
  /** Aborts this call, in addition to the run's own signal. */
  readonly signal?: AbortSignal;
}

/** `name` is the IAM action, `ecs:UpdateService`, for error messages. */
export type Call = <Answer>(
  name: string,
  send: (signal: AbortSignal) => Promise<Answer>,
  options?: CallOptions,
) => Promise<Answer>;

interface CallPorts {
  readonly clock: Clock;
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Default: calls do not wait for a turn. */
  readonly pace?: Pace;
  /**
   * A single request that takes longer is given up: the SDK's own `requestTimeout` only warns.
   * Default 20 s: AWS's own limits are well below.
   */
  readonly requestTimeoutMilliseconds?: number;
  /** Discards the current credentials, so that the next call gets new ones. */
  readonly renewCredentials?: (() => void) | undefined;
  /** For error messages. */
  readonly caller?: CallerContext;
  /** Gets one line per finished call. */
  readonly debug?: (line: string) => void;
}

/** One request: its response, or its failure. */
interface Attempt extends ResponseFacts {
  /** `ThrottlingException`, `ECONNRESET`; absent: it succeeded. */
  failure?: string;
}

export function createCall({
  clock,
  signal: runSignal,
  random,
  pace,
  renewCredentials,
  caller,
  debug,
  requestTimeoutMilliseconds = 20_000,
}: CallPorts): Call {
  return async (name, send, options = {}) => {
    const { retryForMilliseconds = 60_000, isRetryable = isTransient } = options;
    const signal = options.signal ? AbortSignal.any([runSignal, options.signal]) : runSignal;
    const startedAt = clock.now();
    const limit = { retryUntil: startedAt + retryForMilliseconds, isRetryable };
    const attempts: Attempt[] = [];
    const sendOnce = async (number: number) => {
      const attempt: Attempt = {};
      attempts.push(attempt);
      const isRetry = number > 1;
      const hasTurn = options.hasTurn === true && !isRetry;
      const turn = hasTurn ? undefined : pace?.turn(name, signal, isRetry);
      if (turn !== undefined) limit.retryUntil += await durationOf(turn, clock);
      try {
        if (turn !== undefined) signal.throwIfAborted();
        const answer = await withResponseFacts(attempt, () =>
          withDeadline(requestTimeoutMilliseconds, clock, (deadline) =>
            send(AbortSignal.any([signal, deadline])),
          ),
        );
        return { answer };
      } catch (error) {
        attempt.failure = signal.aborted ? "aborted" : failureLabel(error);
        if (isThrottled(error)) pace?.refused(name);
        return { error };
      }
    };
    const policy = createRetryPolicy({ clock, signal, random, renewCredentials }, limit);
    const result = await retry(sendOnce, policy.pauseAfter, { clock, signal });
    debug?.(describeCall(name, clock.now() - startedAt, attempts));
    if ("answer" in result) return result.answer;
    if (signal.aborted) throw signal.reason;
    throw toDeployError(name, policy.causeOf(result.error), caller, attempts.at(-1)?.requestId);
  };
}

/** How long it took, in milliseconds, however it ended. */
async function durationOf(work: Promise<void>, clock: Clock): Promise<number> {
  const startedAt = clock.now();
  await work.catch(() => {});
  return clock.now() - startedAt;
}

interface RetryLimit {
  /** Milliseconds since the Unix epoch. */
  readonly retryUntil: number;
  readonly isRetryable: (error: unknown) => boolean;
}

/** When a failed request is sent again, and which error tells why the call failed. */
function createRetryPolicy(
  {
    clock,
    signal,
    random,
    renewCredentials,
  }: Pick<CallPorts, "clock" | "signal" | "random" | "renewCredentials">,
  limit: RetryLimit,
) {
  let hasRenewed = false;
  let clockSkewError: unknown;
  return {
    pauseAfter(
      result: { readonly answer: unknown } | { readonly error: unknown },
      attempt: number,
    ): number | undefined {
      if ("answer" in result || signal.aborted) return undefined;
      const { error } = result;
      if (isClockSkew(error)) {
        if (clockSkewError !== undefined) return undefined;
        // Signed anew, the request has the time that AWS's answer told.
        clockSkewError = error;
        return 0;
      }
      if (isExpiredCredentials(error) && renewCredentials && !hasRenewed) {
        hasRenewed = true;
        renewCredentials();
        return 0;
      }
      const pause = backoffMilliseconds(attempt, random());
      if (!limit.isRetryable(error) || clock.now() + pause > limit.retryUntil) return undefined;
      return pause;
    },
    /** The first refusal tells how far off this clock is. */
    causeOf(error: unknown): unknown {
      if (isClockSkew(error)) return clockSkewError;
      return error;
    },
  };
}

/**
 * `ecs:UpdateService: HTTP 200 in 2204 ms, request id 5a1…; attempt 2, after ThrottlingException,
 * HTTP 400, request id 77c…`. Without the error's message: it may quote the request.
 */
function describeCall(name: string, milliseconds: number, attempts: readonly Attempt[]): string {
  const last = attempts.at(-1) ?? {};
  const earlier = attempts.slice(0, -1).map(describeAttempt);
  const retries =
    earlier.length === 0 ? "" : `; attempt ${attempts.length}, after ${earlier.join("; ")}`;
  return `${name}: ${describeAttempt(last)} in ${milliseconds} ms${retries}`;
}

function describeAttempt({ failure, status, requestId }: Attempt): string {
  const parts = [
    failure,
    status === undefined ? "no HTTP status" : `HTTP ${status}`,
    requestId === undefined ? "" : `request id ${requestId}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/**
 * Jitter between half and the whole of 0.5, 1, 2, 4 … 15 s: quick at first, slow in a long outage.
 */
export function backoffMilliseconds(attempt: number, random: number): number {
  const ceiling = Math.min(15_000, 500 * 2 ** (attempt - 1));
  return Math.round(ceiling * (0.5 + random / 2));
}
