// The inputs that say what the task definition and the services become: a part of the table in schema.ts.

import { parseObject } from "./document.ts";
import type { InputSpec } from "./input-spec.ts";
import { parseSecretSources, parseTags, parseVariables } from "./key-values.ts";
import { boolean, InputProblem, oneOf, optional, unexpectedValue, wholeNumber } from "./parsers.ts";
import { patchProblem } from "./patch-format.ts";
import {
  containerNames,
  deploymentTarget,
  taskDefinitionFamily,
  taskDefinitionSource,
  threshold,
} from "./task-definition-parsers.ts";

export const taskDefinitionInputs = {
  "task-definition": {
    group: "Task definition",
    description:
      "What the new revision is made from: a file (JSON, comments allowed, or YAML; also the raw answer of `aws ecs describe-task-definition`), a family, `family:revision` or an ARN. Default: the revision that the service runs.",
    allowsDollar: true,
    parse: optional(taskDefinitionSource),
  },
  "task-definition-family": {
    group: "Task definition",
    description:
      "Family to register under, if it is another one than the source's: a template that Terraform owns stays untouched.",
    parse: optional(taskDefinitionFamily),
  },
  "container-name": {
    group: "Task definition",
    description:
      "Containers that get the new image (and the variables and secrets below), one per line or with commas. Default: those whose image comes from `ecr-repository`, else the only one.",
    parse: containerNames,
  },
  "environment-variables": {
    group: "Task definition",
    description:
      "`NAME=value`, one a line; `NAME<<END`, lines, `END` for a value of several lines; `-NAME` takes one away, `-*` all that were there. All others stay.",
    allowsDollar: true,
    parse: parseVariables,
  },
  secrets: {
    group: "Task definition",
    description:
      "`NAME=` and the ARN (or parameter name) of a secret in Secrets Manager or Parameter Store, in the same form. Values never pass through here.",
    allowsDollar: true,
    parse: parseSecretSources,
  },
  "task-definition-patch": {
    group: "Task definition",
    description:
      'Anything else, as a merge patch (RFC 7396) in YAML or JSON: members replace, objects merge, `null` takes away, containers go by their name, as in `{cpu: "512", containerDefinitions: {app: {stopTimeout: 60}}}`.',
    allowsDollar: true,
    parse: optional((given: string) => {
      const patch = parseObject(given);
      const problem = patchProblem(patch);
      if (problem !== undefined) throw new InputProblem(problem);
      return patch;
    }),
  },
  tags: {
    group: "Task definition",
    description:
      "Tags of the new revision, `key=value`, one a line, `-key` takes one away. Those of its source are carried over.",
    allowsDollar: true,
    parse: (given: string) => {
      const tags = parseTags(given);
      const reserved = tags.find(({ name }) => name.startsWith("aws:"));
      if (reserved) throw unexpectedValue("keys of your own: `aws:` is AWS's", reserved.name);
      return tags;
    },
  },
} as const satisfies Record<string, InputSpec<unknown>>;

export const serviceInputs = {
  "desired-count": {
    group: "Service",
    description:
      "How many tasks the service is to run. Default: as many as it does; autoscaling keeps its say.",
    parse: optional(wholeNumber("tasks", { min: 0, max: 10_000 })),
  },
  "force-new-deployment": {
    group: "Service",
    description: "Start new tasks even if nothing is other, for instance to read secrets anew.",
    default: "false",
    parse: boolean,
  },
  "circuit-breaker-threshold": {
    group: "Service",
    description:
      "Failed tasks after which ECS goes back: a count (`3`) or a share of the desired count (`50%`). Default: as the service has it.",
    parse: optional(threshold),
  },
  "deployment-configuration": {
    group: "Service",
    description:
      "Merged into the service's own `deploymentConfiguration` (YAML or JSON): percents, alarms, strategy, bake time, hooks. What is not given stays.",
    allowsDollar: true,
    parse: optional(parseObject),
  },
  "when-busy": {
    group: "Service",
    description:
      "If another deployment of the service is running: `go-on` (ECS then drops it), `wait` until it is over (as long as `wait-for-minutes`), or `stop` this run.",
    default: "go-on",
    parse: oneOf("wait", "go-on", "stop"),
  },
  "on-failure-of-one": {
    group: "Service",
    description:
      "With several services, when one fails: `keep` the others on the new revision, or `rollback-all`. The step fails either way.",
    default: "keep",
    parse: oneOf("keep", "rollback-all"),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

export const planInputs = {
  "dry-run": {
    group: "Dry run and rollback",
    description: "Look, check and plan, print the plan, change nothing. For pull requests.",
    default: "false",
    parse: boolean,
  },
  rollback: {
    group: "Dry run and rollback",
    description:
      "Return to the revision that was last good before the one that runs, and watch that. Nothing is built.",
    default: "false",
    parse: boolean,
  },
  to: {
    group: "Dry run and rollback",
    description:
      "Go back to this one: a revision (`42`, `family:42` or its ARN) or an image tag that was deployed before. Empty: not.",
    parse: optional(deploymentTarget),
  },
} as const satisfies Record<string, InputSpec<unknown>>;
