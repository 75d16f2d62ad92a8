// One thing read again and again, until it gives an answer.

import type { Clock } from "../clock.ts";

interface PollPorts {
  readonly clock: Clock;
  /** Ends the pause between two reads when it aborts; undefined: nothing ends it. */
  readonly signal: AbortSignal | undefined;
}

/**
 * The first answer that is not undefined. The read itself knows when to give up: it throws, or has
 * an answer for it.
 * @param pauseMilliseconds between the end of a read and the next; a function where it changes
 */
export async function pollUntil<Answer>(
  read: () => Promise<Answer | undefined>,
  pauseMilliseconds: number | (() => number),
  { clock, signal }: PollPorts,
): Promise<Answer> {
  for (;;) {
    const answer = await read();
    if (answer !== undefined) return answer;
    if (typeof pauseMilliseconds === "number") await clock.sleep(pauseMilliseconds, signal);
    else await clock.sleep(Math.max(0, pauseMilliseconds()), signal);
  }
}
