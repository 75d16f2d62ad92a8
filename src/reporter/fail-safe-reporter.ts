// A reporter that never throws: a line that cannot be written must not change other reports or the
// verdict.

import { messageOf } from "../errors.ts";
import type { Reporter } from "./reporter.ts";

export function failSafeReporter(reporter: Reporter): Reporter {
  let failedOutputs = 0;
  const attempt = (report: () => void): unknown => {
    try {
      report();
      return undefined;
    } catch (error) {
      return error;
    }
  };
  return {
    phase: (title, work) => runPhase(title, work, reporter),
    info: (line) => void attempt(() => reporter.info(line)),
    notice: (message) => void attempt(() => reporter.notice(message)),
    warning: (message, at) => void attempt(() => reporter.warning(message, at)),
    debug: (line) => void attempt(() => reporter.debug(line)),
    debugCauses: (error) => void attempt(() => reporter.debugCauses(error)),
    mask: (secret) => void attempt(() => reporter.mask(secret)),
    output(name, value) {
      const error = attempt(() => reporter.output(name, value));
      // once is enough: all of them use the same file
      if (error === undefined || failedOutputs++ > 0) return;
      const why = messageOf(error);
      attempt(() =>
        reporter.warning(
          `The output "${name}" could not be set: ${why}. Later steps find it empty, and maybe ` +
            "others of this step; the deployment itself is not affected.",
        ),
      );
    },
  };
}

/**
 * Runs the work once, even if its title cannot be printed; an error of the work itself is thrown.
 */
async function runPhase<Result>(
  title: string,
  work: () => Promise<Result>,
  reporter: Reporter,
): Promise<Result> {
  let started: Promise<Result> | undefined;
  const start = () => {
    started = work();
    return started;
  };
  try {
    return await reporter.phase(title, start);
  } catch {
    return started ?? start();
  }
}
