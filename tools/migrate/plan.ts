// What a job looks like afterwards. Types only.

import type { ReportLine } from "./carry.ts";
import type { Build, ScriptLine } from "./facts.ts";
import type { Steps } from "./plan-job.ts";
import type { Step } from "./source.ts";

export type Verb = "deploy" | "build" | "run-task" | "register";

export interface NewStep {
  readonly verb: Verb;
  /** The step whose place it has. */
  readonly anchor: Step;
  readonly name: string;
  id: string | undefined;
  /** `if`, `continue-on-error`, `timeout-minutes`: as they were written. */
  readonly fields: ReadonlyMap<string, string>;
  readonly env: Map<string, string>;
  readonly with: Map<string, string>;
  readonly remarks: string[];
  /** The chain did not wait for the result. */
  waitsNow: boolean;
}

export interface ReducedScript {
  /** Lines of the script that stay. */
  readonly keeps: readonly ScriptLine[];
  /** Variables that become outputs of the step. */
  readonly outputs: readonly string[];
}

export interface JobPlan {
  readonly newSteps: readonly NewStep[];
  readonly removed: ReadonlySet<Step>;
  readonly reduced: ReadonlyMap<Step, ReducedScript>;
  /** Comments before steps that stay. */
  readonly remarks: ReadonlyMap<Step, readonly string[]>;
  /** `ID.OUTPUT` of a replaced step → the text that replaces the expression. */
  readonly outputs: ReadonlyMap<string, string>;
  /** `ID` of a replaced step → the id of ours, for `outcome` and `conclusion`. */
  readonly ids: ReadonlyMap<string, string>;
  /** References of images that one of our steps has as an output. */
  readonly images: readonly { readonly text: string; readonly step: NewStep }[];
  /** docker/metadata-action that stays: the image without its registry. */
  readonly metadata: ReadonlyMap<Step, string>;
  readonly idOf: (step: NewStep) => string;
  readonly wantedOutputs: Steps["wantedOutputs"];
  readonly stepOfBuild: ReadonlyMap<Build, NewStep>;
  readonly report: readonly ReportLine[];
}
