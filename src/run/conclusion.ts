// What the end of a rollout means for the step, as a plain value. Types only.

import type { DeployErrorDetails } from "../errors.ts";
import type { OutcomeName, ReasonCode } from "./outcome.ts";

export interface Conclusion {
  readonly outcome: OutcomeName;
  /**
   * Given where the outcome alone would say too much: the update was accepted, but nobody watched.
   */
  readonly reasonCode?: ReasonCode;
  /** Absent when all is well. */
  readonly problem?: DeployErrorDetails | undefined;
  /** The problem was foreseen by the inputs, and is a warning only. */
  readonly tolerated?: true | undefined;
  /** Worth saying although all is well. */
  readonly notice?: string;
}
