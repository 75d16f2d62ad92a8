// Queued faults, each for the next call that matches.

import type { Fault, FaultQueue } from "../contract.ts";
import { wildcard } from "../iam/wildcard.ts";

interface Queued {
  readonly matches: RegExp;
  readonly fault: Fault;
  remaining: number;
}

export class Faults implements FaultQueue {
  readonly #queue: Queued[] = [];

  /** `call` may contain `*`: `ecs:Describe*`, `registry:PUT *`. */
  add(call: string, fault: Fault, times = 1): void {
    this.#queue.push({ matches: wildcard(call), fault, remaining: times });
  }

  clear(): void {
    this.#queue.length = 0;
  }

  /** The queued fault for this call, if there is one; the first queued is used first. */
  take(call: string): Fault | undefined {
    const index = this.#queue.findIndex((queued) => queued.matches.test(call));
    const queued = this.#queue[index];
    if (!queued) return undefined;
    queued.remaining -= 1;
    if (queued.remaining <= 0) this.#queue.splice(index, 1);
    return queued.fault;
  }
}
