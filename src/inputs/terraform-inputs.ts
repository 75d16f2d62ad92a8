// The inputs for a deployment with Terraform: a part of the table in schema.ts.

import type { InputSpec } from "./input-spec.ts";
import {
  InputProblem,
  lines,
  matching,
  optional,
  quoted,
  withoutTrailingSlashes,
} from "./parsers.ts";
import { onlyDeploy } from "./verbs.ts";

/** What Terraform may delete or replace besides task definitions; `off`: anything. */
export type TerraformGuard = "off" | readonly string[];

export const terraformInputs = {
  "terraform-directory": {
    group: "Terraform",
    verbs: onlyDeploy,
    description:
      "Terraform (or OpenTofu) root that holds the task definition and the service: `terraform " +
      "apply` then replaces the two ECS calls, with the image's tag in a variable " +
      "([how](docs/terraform.md)). Empty: the ECS API is called directly.",
    allowsDollar: true,
    handling: {
      terraform: "independent",
      dryRun: "shown",
      features: ["terraformPlan", "terraformApply", "terraformCreate"],
    },
    parse: optional(withoutTrailingSlashes),
  },
  "terraform-image-variable": {
    group: "Terraform",
    verbs: onlyDeploy,
    description:
      "Variable of that root that receives the image's tag (with `pin-digest`: `tag@sha256:…`).",
    default: "image_tag",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: matching(/^[A-Za-z_][A-Za-z0-9_-]*$/, "the name of a Terraform variable", "image_tag"),
  },
  "terraform-workspace": {
    group: "Terraform",
    verbs: onlyDeploy,
    description: "Terraform workspace. Default: the one that is selected in the root.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: optional(
      matching(/^[A-Za-z0-9._-]+$/, "the name of a Terraform workspace", "production"),
    ),
  },
  "terraform-backend-config": {
    group: "Terraform",
    verbs: onlyDeploy,
    description:
      "For `terraform init`: `key=value` or a file, one per line. Not for secrets: arguments " +
      "are visible.",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: lines,
  },
  "terraform-var-file": {
    group: "Terraform",
    verbs: onlyDeploy,
    description: "Variable files, one per line, relative to `terraform-directory`.",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: lines,
  },
  "terraform-guard": {
    group: "Terraform",
    verbs: onlyDeploy,
    description:
      "What Terraform may replace or delete besides task definitions (default: nothing): an " +
      "address or a type, one per line, `*` for any characters. `off`: whatever it plans.",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: parseGuard,
  },
  "terraform-lock-timeout": {
    group: "Terraform",
    verbs: onlyDeploy,
    description:
      "How long to wait for the state lock, such as `90s` or `5m`. Locks held by others are " +
      "never forced.",
    default: "5m",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: matching(/^(\d+(ms|s|m|h))+$/, "a duration", "5m"),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

/**
 * `module.db["main"].aws_db_instance.this[0]`: a quoted index is a key of for_each, which may be
 * any text.
 */
const addressOrType = /^(?:[\w.*/-]|\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\])+$/;

function parseGuard(given: string): TerraformGuard {
  const allowed = lines(given);
  if (allowed.length === 1 && allowed[0] === "off") return "off";
  const invalid = allowed.find((line) => !addressOrType.test(line));
  if (invalid === undefined) return allowed;
  throw new InputProblem(
    "expected `off`, or addresses and types of resources, like aws_ecs_service.app, one per " +
      `line, got ${quoted(invalid)}`,
  );
}
