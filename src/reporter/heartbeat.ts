// A wait is never silent for long, also while AWS does not answer and there is nothing to tell.

import type { Clock } from "../clock.ts";
import { formatDuration } from "../text/format.ts";
import type { Reporter } from "./reporter.ts";

/** A little longer than the rollout's own minute, so that only one of the two speaks. */
const silenceMilliseconds = 75_000;

/** Does the work with a reporter that says that it goes on when nothing else was said for a while. */
export async function withHeartbeat<Result>(
  reporter: Reporter,
  clock: Clock,
  work: (reporter: Reporter) => Promise<Result>,
): Promise<Result> {
  const over = new AbortController();
  const startedAt = clock.now();
  let toldAt = startedAt;
  const heard = (tell: (text: string) => void) => (text: string) => {
    toldAt = clock.now();
    tell(text);
  };
  const info = heard(reporter.info);
  const beat = async () => {
    for (;;) {
      await clock.sleep(toldAt + silenceMilliseconds - clock.now(), over.signal);
      if (clock.now() - toldAt >= silenceMilliseconds)
        info(`still waiting after ${formatDuration(clock.now() - startedAt)}: no answer from AWS`);
    }
  };
  // Ends by the abort below, and with nothing to report.
  beat().catch(() => {});
  try {
    return await work({
      ...reporter,
      info,
      notice: heard(reporter.notice),
      warning: heard(reporter.warning),
    });
  } finally {
    over.abort();
  }
}
