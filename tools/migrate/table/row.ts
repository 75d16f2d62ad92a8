// One row of the table that the converter follows and docs/migrating.md shows. Types only.

/** What the converter does about an input of a step that it replaces. */
type Treatment =
  /** Its value goes to the input `to` as it is, or as `convert` writes it. */
  | {
      readonly kind: "input";
      readonly to: string;
      /** Undefined: this value cannot be carried, so it is treated like `comment`. */
      readonly convert?: (value: string) => string | undefined;
    }
  /** Its value goes to a variable of the step's `env:`. */
  | { readonly kind: "environment"; readonly to: string }
  /** A member of the task definition, or of its container if `inContainer`. */
  | {
      readonly kind: "task-definition-patch";
      readonly inContainer: boolean;
      readonly patch: (value: string) => Patch | undefined;
    }
  | { readonly kind: "service-patch"; readonly patch: (value: string) => Patch | undefined }
  /** Read together with other inputs and steps; gives these inputs. */
  | { readonly kind: "joined"; readonly to: readonly string[] }
  /** Nothing is needed in its place: `note` says why. */
  | { readonly kind: "automatic" }
  /**
   * The step that has it stays in the workflow, before ours, and a comment says why. `unless`:
   * values with which it says nothing.
   */
  | { readonly kind: "stays"; readonly unless?: readonly string[] }
  /** The step is replaced; a comment in the workflow says what is missing. */
  | { readonly kind: "comment"; readonly unless?: readonly string[] };

export type Patch = Readonly<Record<string, unknown>>;

export interface Row {
  readonly treatment: Treatment;
  /** What is different, or why nothing is needed. One or two sentences of Markdown; may be "". */
  readonly note: string;
  /** A value for the test of this row. */
  readonly sample: string;
}

export type Rows = Readonly<Record<string, Row>>;
