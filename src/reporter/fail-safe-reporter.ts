// A reporter that never throws: what cannot be told must not change what is told elsewhere, least
// of all the verdict.

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
      // once is enough: the file is the same for all of them
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

/** The work is done once, also where its title cannot be told; and its own error is its own. */
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
