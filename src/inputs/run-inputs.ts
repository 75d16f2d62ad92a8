// The inputs for the kind of run, a dry run or a rollback: a part of the table in schema.ts.

import type { InputSpec } from "./input-spec.ts";
import { boolean, optional, unexpectedValue } from "./parsers.ts";
import { family, taskDefinitionArn } from "./task-definition-parsers.ts";
import { onlyDeploy } from "./verbs.ts";

export const runInputs = {
  "dry-run": {
    group: "Dry run and rollback",
    verbs: onlyDeploy,
    description: "Read, check and plan, print the plan, change nothing. For pull requests.",
    default: "false",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: boolean,
  },
  rollback: {
    group: "Dry run and rollback",
    verbs: onlyDeploy,
    description:
      "Roll back to the last revision that was deployed successfully before the current one, " +
      "and watch that deployment. Nothing is built.",
    default: "false",
    handling: { terraform: "independent", dryRun: "shown", features: ["rollbackTarget"] },
    parse: boolean,
  },
  to: {
    group: "Dry run and rollback",
    verbs: onlyDeploy,
    description:
      "Roll back to this revision (`42`, `family:42` or its ARN) or to an image tag that was " +
      "deployed before. Default: none.",
    handling: { terraform: "independent", dryRun: "shown", features: ["rollbackTarget"] },
    parse: optional(deploymentTarget),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

export type DeploymentTarget = { readonly revision: string } | { readonly tag: string };

/**
 * A number alone is a revision; for a tag that is a number, write `tag:42`; `family:42` is a
 * revision, too.
 */
export function deploymentTarget(given: string): DeploymentTarget {
  if (
    new RegExp(`^(${taskDefinitionArn})?(${family}:)?[1-9]\\d{0,8}$`).test(given) &&
    !given.startsWith("tag:")
  )
    return { revision: given };
  const tag = given.replace(/^tag:/, "");
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag)) return { tag };
  throw unexpectedValue("a revision (42, family:42 or its ARN) or an image tag", given);
}
