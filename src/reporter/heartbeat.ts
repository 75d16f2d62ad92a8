// Prints a line at least every minute during a wait, also while AWS does not respond and nothing
// changes.

import type { Clock } from "../clock.ts";
import { formatDuration } from "../text/format.ts";
import type { Reporter } from "./reporter.ts";

const maxSilenceMilliseconds = 60_000;

/** AWS normally answers every poll within this time. */
const maxAnswerMilliseconds = 30_000;

/** The reporter of a wait. It measures how long nothing was reported. */
export interface HeartbeatReporter extends Reporter {
  /**
   * Called after each poll with its result. A minute without a line reports `describe()`, as long
   * as polls are answered; undefined: the wait has ended, or nothing is known.
   */
  readonly polled: (describe: () => string | undefined) => void;
}

/**
 * Runs the work with a reporter that reports that the wait continues if nothing else was reported
 * for a minute.
 */
export async function withHeartbeat<Result>(
  reporter: Reporter,
  clock: Clock,
  work: (reporter: HeartbeatReporter) => Promise<Result>,
): Promise<Result> {
  const done = new AbortController();
  const startedAt = clock.now();
  let lastReportedAt = startedAt;
  let lastPoll: { readonly at: number; readonly describe: () => string | undefined } | undefined;
  const tracked = (report: (text: string) => void) => (text: string) => {
    lastReportedAt = clock.now();
    report(text);
  };
  const info = tracked(reporter.info);
  const describeWait = () => {
    const isAnswered = lastPoll && clock.now() - lastPoll.at < maxAnswerMilliseconds;
    const noAnswer = `still waiting after ${formatDuration(clock.now() - startedAt)}: no answer from AWS`;
    return (isAnswered && lastPoll?.describe()) || noAnswer;
  };
  const sendHeartbeats = async () => {
    for (;;) {
      await clock.sleep(lastReportedAt + maxSilenceMilliseconds - clock.now(), done.signal);
      if (clock.now() - lastReportedAt >= maxSilenceMilliseconds) info(describeWait());
    }
  };
  // Ends by the abort below, which is no error.
  sendHeartbeats().catch(() => {});
  try {
    return await work({
      ...reporter,
      info,
      notice: tracked(reporter.notice),
      warning: tracked(reporter.warning),
      polled(describe) {
        lastPoll = { at: clock.now(), describe };
      },
    });
  } finally {
    done.abort();
  }
}
