// Clients that request a page without a pause, and count the answers.

import type { Page } from "./express-account.ts";

export interface Clients {
  /** How often each answer came, by status and first line: `200 hello from version 1`; `none`: no answer. */
  readonly counts: Readonly<Record<string, number>>;
  /** Ends when the last request is answered. */
  stop(): Promise<void>;
}

const clientCount = 4;
const pauseMilliseconds = 20;

/** Up to 200 requests a second: the canary's 5 % of them are enough for RollbackAlarm's five errors a minute. */
export function startClients(ask: () => Promise<Page>): Clients {
  const counts: Record<string, number> = {};
  let isOpen = true;
  const requestPages = async () => {
    while (isOpen) {
      const answer = await ask().then(
        ({ status, firstLine }) => `${status} ${firstLine}`,
        () => "none",
      );
      counts[answer] = (counts[answer] ?? 0) + 1;
      await new Promise((resume) => setTimeout(resume, pauseMilliseconds));
    }
  };
  const running = Array.from({ length: clientCount }, requestPages);
  return {
    counts,
    async stop() {
      isOpen = false;
      await Promise.all(running);
    },
  };
}
