// What the end of a rollout means for the step, as a plain value. Types only.

import type { DeployErrorDetails } from "../errors.ts";
import type { OutcomeName, ReasonCode } from "./outcome.ts";

export interface Conclusion {
  readonly outcome: OutcomeName;
  /** Set if the outcome alone would say too much: the update was accepted, but not watched. */
  readonly reasonCode?: ReasonCode;
  /** Absent if the service succeeded without problems. */
  readonly problem?: DeployErrorDetails | undefined;
  /** The inputs tolerate the problem; it is only a warning. */
  readonly tolerated?: true | undefined;
  /** For the user to know, although the service succeeded. */
  readonly notice?: string;
}
