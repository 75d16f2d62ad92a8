// The inputs of the tasks before and after a deployment: a part of the table in schema.ts.

import type { InputSpec } from "./input-spec.ts";
import { optional, text, wholeNumber } from "./parsers.ts";
import { command } from "./task-parsers.ts";

export const taskInputs = {
  "pre-deploy-command": {
    group: "Pre-deploy and post-deploy tasks",
    description:
      'Runs the new revision once with this command (migrations), before the service is touched: `["alembic", "upgrade", "head"]`, or the same as one line; no shell runs it. A failure ends the step ([how](docs/migrations.md)).',
    allowsDollar: true,
    parse: optional(command),
  },
  "pre-deploy-container": {
    group: "Pre-deploy and post-deploy tasks",
    description:
      "Container that gets these commands, and whose exit code counts. Default: the one that gets the new image.",
    parse: optional(text),
  },
  "pre-deploy-timeout-minutes": {
    group: "Pre-deploy and post-deploy tasks",
    description:
      "How long to wait for such a task. One that takes longer fails the step and is left running: nobody knows what it is in the middle of.",
    default: "15",
    parse: wholeNumber("minutes", { min: 1, max: 360 }),
  },
  "post-deploy-command": {
    group: "Pre-deploy and post-deploy tasks",
    description:
      "The same once the service is good (also if it was already). A failure fails the step and leaves the service as it is.",
    allowsDollar: true,
    parse: optional(command),
  },
} as const satisfies Record<string, InputSpec<unknown>>;
