// The pace of calls: each waits for its turn and a token of its bucket, so that AWS refuses few of
// them. Other users of the account empty the same buckets: a refusal says that ours is empty.

import type { Clock } from "../clock.ts";
import { type ApiLimit, limitOf, usableBurst } from "../ecs/api-limits.ts";

export interface Pace {
  /**
   * Takes a token; undefined: there was one. Otherwise resolves when it is this call's turn;
   * rejects with the signal's reason as soon as that aborts.
   * @param isRetry its turn is before that of the calls that were not sent yet
   */
  readonly turn: (
    operation: string,
    signal: AbortSignal,
    isRetry?: boolean,
  ) => Promise<void> | undefined;
  /** AWS refused a call for its rate: the bucket is empty. */
  readonly refused: (operation: string) => void;
}

export function createPace(clock: Clock): Pace {
  const buckets = new Map<ApiLimit, Bucket>();
  const bucketOf = (operation: string): Bucket | undefined => {
    const limit = limitOf(operation);
    if (!limit) return undefined;
    const bucket = buckets.get(limit) ?? createBucket(limit, clock);
    buckets.set(limit, bucket);
    return bucket;
  };
  return {
    turn: (operation, signal, isRetry = false) => bucketOf(operation)?.take(signal, isRetry),
    refused: (operation) => bucketOf(operation)?.empty(),
  };
}

interface Bucket {
  readonly take: (signal: AbortSignal, isRetry: boolean) => Promise<void> | undefined;
  readonly empty: () => void;
}

/**
 * Other jobs may use most of a bucket: each second with a refusal slows the pace down to four
 * fifths, at least to a tenth; each accepted call speeds it up a little.
 */
const slowerFactor = 0.8;
const slowestShare = 0.1;
const fasterStep = 0.005;

function createBucket(limit: ApiLimit, clock: Clock): Bucket {
  const full = usableBurst(limit);
  const queue: (() => void)[] = [];
  let level = full;
  let levelAt = clock.now();
  /** Of the documented rate, up to 1. */
  let share = 1;
  let slowedAt = Number.NEGATIVE_INFINITY;
  /** Aborts the pause until the next token; undefined: no call waits. */
  let serving: AbortController | undefined;

  function tokens(): number {
    const now = clock.now();
    level = Math.min(full, level + ((now - levelAt) / 1_000) * limit.perSecond * share);
    levelAt = now;
    return level;
  }

  function takeToken(): void {
    level -= 1;
    share = Math.min(1, share + fasterStep);
  }

  async function serve({ signal }: AbortController): Promise<void> {
    while (queue.length > 0) {
      const missing = 1 - tokens();
      const pause = Math.ceil((missing / (limit.perSecond * share)) * 1_000);
      if (missing > 0) await clock.sleep(pause, signal);
      if (tokens() < 1) continue;
      takeToken();
      queue.shift()?.();
    }
    serving = undefined;
  }

  function wait(signal: AbortSignal, isRetry: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const begin = () => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        queue.splice(queue.indexOf(begin), 1);
        if (queue.length === 0) stopServing();
        reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      queue.splice(isRetry ? 0 : queue.length, 0, begin);
      if (serving) return;
      serving = new AbortController();
      serve(serving).catch(() => {});
    });
  }

  function stopServing(): void {
    serving?.abort();
    serving = undefined;
  }

  return {
    take(signal, isRetry) {
      if (queue.length > 0 || tokens() < 1) return wait(signal, isRetry);
      takeToken();
      return undefined;
    },
    empty() {
      level = Math.min(0, tokens());
      if (clock.now() - slowedAt < 1_000) return;
      slowedAt = clock.now();
      share = Math.max(slowestShare, share * slowerFactor);
    },
  };
}
