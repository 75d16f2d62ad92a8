// The inputs for the new task definition: a part of the table in schema.ts.

import { parseObject } from "./document.ts";
import type { InputSpec } from "./input-spec.ts";
import { parseSecretSources, parseTags, parseVariables } from "./key-values.ts";
import { InputProblem, optional, unexpectedValue } from "./parsers.ts";
import { patchProblem } from "./patch-format.ts";
import {
  containerNames,
  taskDefinitionFamily,
  taskDefinitionSources,
} from "./task-definition-parsers.ts";
import { onlyDeploy, registeringVerbs } from "./verbs.ts";

export const taskDefinitionInputs = {
  "task-definition": {
    group: "Task definition",
    verbs: onlyDeploy,
    description:
      "Source of the new revision: a file (JSON, comments allowed, or YAML; also the raw " +
      "output of `aws ecs describe-task-definition`), a family, `family:revision` or an ARN. " +
      "Several services with a source each: `service=file`, one per line. Default, also for a " +
      "service without a line: the revision that the service runs.",
    allowsDollar: true,
    handling: { terraform: "decides", dryRun: "shown", features: [] },
    parse: optional(taskDefinitionSources),
  },
  "task-definition-family": {
    group: "Task definition",
    verbs: registeringVerbs,
    description:
      "Family to register under, if it differs from the source's: a template that Terraform " +
      "owns is not modified.",
    handling: { terraform: "decides", dryRun: "shown", features: [] },
    parse: optional(taskDefinitionFamily),
  },
  "container-name": {
    group: "Task definition",
    verbs: ["deploy", "register", "rehearse"],
    description:
      "Containers that get the new image (and the variables and secrets below), one per line " +
      "or separated by commas. Default: those whose image comes from `ecr-repository`, else " +
      "the only one. With `container=…` lines in `image`: only where variables and secrets go; " +
      "default: the containers of these lines.",
    handling: { terraform: "decides", dryRun: "shown", features: [] },
    parse: containerNames,
  },
  "environment-variables": {
    group: "Task definition",
    verbs: ["deploy", "preview", "register", "rehearse"],
    description:
      "`NAME=value`, one per line; `NAME<<END`, lines, `END` for a value of several lines; " +
      "`-NAME` removes one, `-*` removes all existing ones. All others are kept.",
    allowsDollar: true,
    handling: { terraform: "decides", dryRun: "shown", features: [] },
    parse: parseVariables,
  },
  secrets: {
    group: "Task definition",
    verbs: ["deploy", "preview", "register", "rehearse"],
    description:
      "`NAME=` and the ARN (or parameter name) of a secret in Secrets Manager or Parameter " +
      "Store, in the same form. The action never reads the values.",
    allowsDollar: true,
    handling: { terraform: "decides", dryRun: "shown", features: ["secrets"] },
    parse: parseSecretSources,
  },
  "task-definition-patch": {
    group: "Task definition",
    verbs: ["deploy", "register", "rehearse"],
    description:
      "Any other change, as a merge patch (RFC 7396) in YAML or JSON: members are replaced, " +
      'objects merged, `null` removes, containers are keyed by name, as in `{cpu: "512", ' +
      "containerDefinitions: {app: {stopTimeout: 60}}}`.",
    allowsDollar: true,
    handling: { terraform: "decides", dryRun: "shown", features: [] },
    parse: optional((given: string) => {
      const patch = parseObject(given);
      const problem = patchProblem(patch);
      if (problem !== undefined) throw new InputProblem(problem);
      return patch;
    }),
  },
  tags: {
    group: "Task definition",
    verbs: registeringVerbs,
    description:
      "Tags of the new revision, `key=value`, one per line; `-key` removes one. The source's " +
      "tags are carried over.",
    allowsDollar: true,
    handling: { terraform: "decides", dryRun: "not-shown", features: ["tags"] },
    parse: (given: string) => {
      const tags = parseTags(given);
      const reserved = tags.find(({ name }) => name.startsWith("aws:"));
      if (reserved) throw unexpectedValue("keys of your own: `aws:` is AWS's", reserved.name);
      return tags;
    },
  },
} as const satisfies Record<string, InputSpec<unknown>>;
