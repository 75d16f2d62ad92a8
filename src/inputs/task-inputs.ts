// The inputs for the tasks before and after a deployment: a part of the table in schema.ts.

import type { InputSpec } from "./input-spec.ts";
import { optional, text, wholeNumber } from "./parsers.ts";
import { definitionSource } from "./task-definition-parsers.ts";
import { command } from "./task-parsers.ts";
import { onlyDeploy, rollingVerbs } from "./verbs.ts";

export const taskInputs = {
  "pre-deploy-command": {
    group: "Pre-deploy and post-deploy tasks",
    verbs: rollingVerbs,
    description:
      "Runs this command once in a task of the new revision (a migration) before the service " +
      'is changed: `["alembic", "upgrade", "head"]`, or the same as one line; no shell runs ' +
      "it. If it fails, the deployment stops ([how](docs/migrations.md)).",
    allowsDollar: true,
    handling: {
      terraform: "independent",
      dryRun: "not-shown",
      features: ["task", "taskLog", "taskTags"],
    },
    parse: optional(command),
  },
  "pre-deploy-task-definition": {
    group: "Pre-deploy and post-deploy tasks",
    verbs: onlyDeploy,
    description:
      "Runs the pre-deploy task with this task definition instead of the new revision: a file, a " +
      "family, `family:revision` or an ARN. Its containers whose image comes from the deployed " +
      "image's repository get the new image. Without `pre-deploy-command` it runs its own " +
      "command ([how](docs/migrations.md#a-task-definition-of-its-own)).",
    allowsDollar: true,
    handling: {
      terraform: "independent",
      dryRun: "not-shown",
      features: ["preDeployTask", "taskLog", "taskTags"],
    },
    parse: optional(definitionSource),
  },
  "pre-deploy-container": {
    group: "Pre-deploy and post-deploy tasks",
    verbs: rollingVerbs,
    description:
      "Container that runs these commands and whose exit code counts. Default: the one that " +
      "gets the new image. With `pre-deploy-task-definition`: a container of that definition.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: optional(text),
  },
  "pre-deploy-timeout-minutes": {
    group: "Pre-deploy and post-deploy tasks",
    verbs: rollingVerbs,
    description:
      "How long to wait for each of these tasks. If one takes longer, the step fails and the " +
      "task keeps running: stopping it could leave work half done.",
    default: "15",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: wholeNumber("minutes", { min: 1, max: 360 }),
  },
  "post-deploy-command": {
    group: "Pre-deploy and post-deploy tasks",
    verbs: rollingVerbs,
    description:
      "Runs this command after a successful deployment (also if the service was already up to " +
      "date). If it fails, the step fails and the service is left as it is.",
    allowsDollar: true,
    handling: {
      terraform: "independent",
      dryRun: "not-shown",
      features: ["task", "taskLog", "taskTags"],
    },
    parse: optional(command),
  },
} as const satisfies Record<string, InputSpec<unknown>>;
