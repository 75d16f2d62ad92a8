// Two clocks: a virtual one, on which twenty minutes pass in milliseconds, and the real one.

import type { SimulatorClock } from "./contract.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  /** The code under test, which sleeps until time passes; otherwise a timer of the simulator. */
  readonly isSleeper: boolean;
}

/**
 * Time that advances only while the code under test sleeps, and then directly to the next timer.
 *
 * The simulator schedules timers; the action under test sleeps. As soon as the action can only
 * sleep (the event loop is idle and the clock is not held), time jumps to the next timer. The same
 * scenario always runs in the same way.
 */
export class VirtualClock implements SimulatorClock {
  #now: number;
  #order = 0;
  #timers: Timer[] = [];
  #holds = 0;
  #pumping = false;

  constructor(start: number = Date.UTC(2026, 10, 23, 9, 0, 0)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  schedule(delayMilliseconds: number, run: () => void): () => void {
    return this.#add(delayMilliseconds, run, false);
  }

  /** Resolves after `milliseconds`; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.#add(
        milliseconds,
        () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
        true,
      );
      signal?.addEventListener("abort", abort, { once: true });
      void this.#pump();
    });
  }

  /**
   * Time stands still until the returned function is called: for real work (files, processes)
   * within virtual time.
   */
  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (held) this.#holds--;
      held = false;
    };
  }

  /**
   * Advances time manually and runs the timers that are due, in order: for tests of the simulator
   * alone.
   */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#timers[0]; next && next.at <= end; next = this.#timers[0])
      this.#fire(next);
    this.#now = end;
  }

  #add(delay: number, run: () => void, isSleeper: boolean): () => void {
    const timer: Timer = {
      at: this.#now + Math.max(0, delay),
      order: this.#order++,
      run,
      isSleeper,
    };
    const index = this.#timers.findLastIndex((other) => other.at <= timer.at) + 1;
    this.#timers.splice(index, 0, timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }

  #fire(timer: Timer): void {
    this.#timers.splice(this.#timers.indexOf(timer), 1);
    this.#now = Math.max(this.#now, timer.at);
    timer.run();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (;;) {
        await waitUntilIdle();
        if (this.#holds > 0) continue;
        if (!this.#timers.some((timer) => timer.isSleeper)) return;
        let fired: Timer | undefined;
        do {
          fired = this.#timers[0];
          if (fired) this.#fire(fired);
          // A timer of the simulator may wake the last sleeper (an abort): then the timers after it
          // are not needed.
        } while (fired && !fired.isSleeper && this.#timers.some((timer) => timer.isSleeper));
      }
    } finally {
      this.#pumping = false;
    }
  }
}

/** Opening, reading, writing (FSReqCallback, FSReqPromise), and closing. */
const fileResource = /^(FSReq|CloseReq)/;

/**
 * Waits until all work that is ready has run. Two turns: the first may start something that the
 * second completes. An SDK client's first call reads the shared AWS files; that is real work, and
 * time must wait for it.
 */
async function waitUntilIdle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    do await new Promise((resolve) => setImmediate(resolve));
    while (process.getActiveResourcesInfo().some((resource) => fileResource.test(resource)));
  }
}

/** The system clock. Its timers do not keep the process alive. */
export class RealClock implements SimulatorClock {
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  now(): number {
    return Date.now();
  }

  schedule(delayMilliseconds: number, run: () => void): () => void {
    if (this.#stopped) return () => {};
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMilliseconds);
    timer.unref();
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** Ends the simulation: cancels all timers, and accepts no new ones. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
