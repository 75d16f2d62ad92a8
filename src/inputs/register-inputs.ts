// The row that differs where no service has a task definition to start from.

import type { InputSpec } from "./input-spec.ts";
import type { Inputs, Parsed } from "./schema.ts";
import { oneTaskDefinition } from "./task-definition-parsers.ts";

export const registerInputs = {
  "task-definition": {
    group: "Task definition",
    verbs: ["register"],
    description:
      "Source of the revision: a file (JSON, comments allowed, or YAML; also the raw output of " +
      "`aws ecs describe-task-definition`), a family (its newest revision), `family:revision` " +
      "or an ARN.",
    required: true,
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: oneTaskDefinition,
  },
} as const satisfies Record<string, InputSpec<unknown>>;

/** Every input of the verb, parsed; rows that it does not have, with their defaults. */
export type RegisterInputs = Omit<Inputs, "taskDefinition"> & Parsed<typeof registerInputs>;
