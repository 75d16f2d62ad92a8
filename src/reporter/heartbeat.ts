// A wait is never silent for long, also while AWS does not answer and there is nothing to tell.

import type { Clock } from "../clock.ts";
import { formatDuration } from "../text/format.ts";
import type { Reporter } from "./reporter.ts";

/** A little longer than the rollout's own minute, so that only one of the two speaks. */
const maxSilenceMilliseconds = 75_000;

/** Does the work with a reporter that says that it goes on when nothing else was said for a while. */
export async function withHeartbeat<Result>(
  reporter: Reporter,
  clock: Clock,
  work: (reporter: Reporter) => Promise<Result>,
): Promise<Result> {
  const done = new AbortController();
  const startedAt = clock.now();
  let lastReportedAt = startedAt;
  const tracked = (report: (text: string) => void) => (text: string) => {
    lastReportedAt = clock.now();
    report(text);
  };
  const info = tracked(reporter.info);
  const sendHeartbeats = async () => {
    for (;;) {
      await clock.sleep(lastReportedAt + maxSilenceMilliseconds - clock.now(), done.signal);
      if (clock.now() - lastReportedAt >= maxSilenceMilliseconds)
        info(`still waiting after ${formatDuration(clock.now() - startedAt)}: no answer from AWS`);
    }
  };
  // Ends by the abort below, and with nothing to report.
  sendHeartbeats().catch(() => {});
  try {
    return await work({
      ...reporter,
      info,
      notice: tracked(reporter.notice),
      warning: tracked(reporter.warning),
    });
  } finally {
    done.abort();
  }
}
