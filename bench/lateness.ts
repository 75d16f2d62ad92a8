// How late the verdict comes, and how many read calls that takes: rollouts on the virtual clock, watched by the action's own watch through
// the whole AWS SDK, with the simulator behind it in the same process. Every answer takes 100 ms, which counts.
//
// Each rollout reaches its terminal state between 30 s and 20 min after the update; one in five fails and is rolled back by the circuit
// breaker. Late is the time from the terminal state, as the simulator knows it, to the verdict of the watch. Seeded: twice the same numbers.

import { Worker } from "node:worker_threads";

export interface Watched {
  readonly rollouts: readonly WatchedRollout[];
  /** Read calls in the first minute of each watch, and in each whole minute after it. */
  readonly callsInFirstMinute: readonly number[];
  readonly callsPerMinute: readonly number[];
  /** Read calls in the busiest 60 s of each watch that begin after its first minute, wherever they begin. */
  readonly callsInBusiestMinute: readonly number[];
}

export interface WatchedRollout {
  /** Milliseconds from the update to the terminal state. */
  readonly duration: number;
  /** Milliseconds from the terminal state to the verdict. */
  readonly late: number;
  /** The verdict is what became of the rollout. */
  readonly right: boolean;
}

/** What one worker does. */
export interface Share {
  readonly watches: number;
  readonly servicesAtOnce: number;
  readonly seed: number;
}

/** The same number on every machine, so that the seeds are the same. */
const workers = 4;

/** `watches` times, so many services at once. */
export async function measureLateness(watches: number, servicesAtOnce: number): Promise<Watched> {
  const shares = Array.from({ length: workers }, (_, index) =>
    work({ watches: watches / workers, servicesAtOnce, seed: servicesAtOnce * workers + index }),
  );
  const all = (await Promise.all(shares)).flat();
  return {
    rollouts: all.flatMap(({ rollouts }) => rollouts),
    callsInFirstMinute: all.flatMap(({ callsInFirstMinute }) => callsInFirstMinute),
    callsPerMinute: all.flatMap(({ callsPerMinute }) => callsPerMinute),
    callsInBusiestMinute: all.flatMap(({ callsInBusiestMinute }) => callsInBusiestMinute),
  };
}

function work(share: Share): Promise<readonly Watched[]> {
  return new Promise((resolve, reject) => {
    const done: Watched[] = [];
    const worker = new Worker(new URL("watches.ts", import.meta.url), { workerData: share });
    worker.on("message", (watched: Watched) => done.push(watched));
    worker.on("error", reject);
    worker.on("exit", () => resolve(done));
  });
}
