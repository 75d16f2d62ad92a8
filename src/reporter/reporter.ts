// The interface through which the core reports; it does not depend on GitHub. actions-reporter.ts
// is the real one, tests record the calls.

import type { SourceLine } from "../errors.ts";
import type { OutputName } from "./outputs.ts";

export interface Reporter {
  /** A titled part of the run; its lines are folded under the title. */
  phase<Result>(title: string, work: () => Promise<Result>): Promise<Result>;
  info(line: string): void;
  /** Useful for the user although nothing is wrong. */
  notice(message: string): void;
  /** `at`: shown on that line of the user's file. */
  warning(message: string, at?: SourceLine): void;
  /** For debug logging only: calls, reads and decisions. Contains no secrets. */
  debug(line: string): void;
  /** The stacks of an error and of its causes, for debug logging only. */
  debugCauses(error: unknown): void;
  /** From now on this text is hidden in everything that is printed. */
  mask(secret: string): void;
  /** Set as soon as known, so that a failed run has it too. */
  output(name: OutputName, value: string): void;
}
