// One row of the table of inputs. Types only.

export interface InputSpec<Value> {
  readonly group:
    | "Credentials"
    | "Image"
    | "Build"
    | "Task definition"
    | "Service"
    | "Pre-deploy and post-deploy tasks"
    | "Rollout"
    | "Dry run and rollback"
    | "Terraform";
  /** One or two sentences of Markdown, on one line. */
  readonly description: string;
  readonly default?: string;
  readonly required?: true;
  /** A `$NAME` in it may be meant as it stands: values, documents, commands, paths. In all others it is refused, for no shell replaces it. */
  readonly allowsDollar?: true;
  /** Throws an InputProblem. Never called for a required input that is empty. */
  readonly parse: (given: string) => Value;
}
