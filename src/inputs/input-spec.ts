// One row of the table of inputs. Types only.

import type { Verb } from "./verbs.ts";

export interface InputSpec<Value> {
  readonly group:
    | "Credentials"
    | "Image"
    | "Build"
    | "Task definition"
    | "Task"
    | "Service"
    | "Pre-deploy and post-deploy tasks"
    | "Rollout"
    | "Verification"
    | "Dry run and rollback"
    | "Terraform"
    | "Preview"
    | "Rehearsal";
  /** The verbs that have this input. Required, so that it is decided for every new input. */
  readonly verbs: readonly Verb[];
  /** One or two sentences of Markdown, on one line. */
  readonly description: string;
  readonly default?: string;
  readonly required?: true;
  /**
   * For values, documents, commands and paths: a `$NAME` in them may be literal. In all other
   * inputs it is refused, because no shell expands it.
   */
  readonly allowsDollar?: true;
  /**
   * What the rest of the action must do about this input. Required, so that it is decided for every
   * new input.
   */
  readonly handling: {
    /**
     * `decides`: the Terraform configuration sets this, so the input is refused together with
     * `terraform-directory`.
     */
    readonly terraform: "decides" | "independent";
    /** `shown`: this input changes the plan that a dry run prints. */
    readonly dryRun: "shown" | "not-shown";
    /**
     * Keys of `features` in src/permissions/: features that a run may need because of this input.
     */
    readonly features: readonly string[];
  };
  /** Throws an InputProblem. Never called for an empty required input. */
  readonly parse: (given: string) => Value;
}
