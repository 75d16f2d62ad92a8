// How the core tells what happens; it knows nothing of GitHub. actions-reporter.ts is the real one,
// tests record.

import type { SourceLine } from "../errors.ts";
import type { OutputName } from "./outputs.ts";

export interface Reporter {
  /** A part of the run with a title of its own; its lines are folded under it. */
  phase<Result>(title: string, work: () => Promise<Result>): Promise<Result>;
  info(line: string): void;
  /** Something the user should know although nothing is wrong. */
  notice(message: string): void;
  /** `at`: shown on that line of the user's file. */
  warning(message: string, at?: SourceLine): void;
  /** For debug logging only: what was called, seen and decided. Holds no secret. */
  debug(line: string): void;
  /** The stacks of an error and of its causes, for debug logging only. */
  debugCauses(error: unknown): void;
  /** From now on this text is hidden wherever it would be printed. */
  mask(secret: string): void;
  /** Set as soon as known, so that a failed run has it too. */
  output(name: OutputName, value: string): void;
}
