// The inputs of the second way to deploy, by Terraform: a part of the table in schema.ts.

import type { InputSpec } from "./input-spec.ts";
import {
  InputProblem,
  lines,
  matching,
  optional,
  quoted,
  withoutTrailingSlashes,
} from "./parsers.ts";
import { missingPathHint } from "./shell-variables.ts";

/** What Terraform may delete or replace beside task definitions; `off`: anything. */
export type TerraformGuard = "off" | readonly string[];

export const terraformInputs = {
  "terraform-directory": {
    group: "Terraform",
    description:
      "Terraform root (or OpenTofu's) that holds the task definition and the service: `terraform apply` then takes the place of the two ECS calls, with the image's tag in a variable ([how](docs/terraform.md)). Empty: ECS is told directly.",
    allowsDollar: true,
    parse: optional(withoutTrailingSlashes),
  },
  "terraform-image-variable": {
    group: "Terraform",
    description:
      "Variable of that root which gets the image's tag (with `pin-digest`: `tag@sha256:…`).",
    default: "image_tag",
    parse: matching(/^[A-Za-z_][A-Za-z0-9_-]*$/, "the name of a Terraform variable", "image_tag"),
  },
  "terraform-workspace": {
    group: "Terraform",
    description: "Workspace. Default: the one that the root has selected.",
    parse: optional(
      matching(/^[A-Za-z0-9._-]+$/, "the name of a Terraform workspace", "production"),
    ),
  },
  "terraform-backend-config": {
    group: "Terraform",
    description:
      "For `terraform init`: `key=value` or a file, one a line. Not for secrets: arguments can be seen.",
    allowsDollar: true,
    parse: lines,
  },
  "terraform-var-file": {
    group: "Terraform",
    description: "Files of variables, one a line, as seen from `terraform-directory`.",
    allowsDollar: true,
    parse: lines,
  },
  "terraform-guard": {
    group: "Terraform",
    description:
      "Terraform may replace and delete task definitions and nothing else, unless it is named here: an address or a type, one a line, `*` for any characters. `off`: whatever it plans.",
    allowsDollar: true,
    parse: parseGuard,
  },
  "terraform-lock-timeout": {
    group: "Terraform",
    description:
      "How long to wait for the lock of the state, like `90s` or `5m`. A lock of somebody else is never forced.",
    default: "5m",
    parse: matching(/^(\d+(ms|s|m|h))+$/, "a duration", "5m"),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

/** `module.db["main"].aws_db_instance.this[0]`: within quotes stands a key of for_each, which may be any text. */
const addressOrType = /^(?:[\w.*/-]|\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\])+$/;

function parseGuard(given: string): TerraformGuard {
  const allowed = lines(given);
  if (allowed.length === 1 && allowed[0] === "off") return "off";
  const invalid = allowed.find((line) => !addressOrType.test(line));
  if (invalid === undefined) return allowed;
  throw new InputProblem(
    `expected \`off\`, or addresses and types of resources, like aws_ecs_service.app, one a line, got ${quoted(invalid)}`,
  );
}

/** What Terraform decides cannot be asked of this step as well: it would be undone by the next apply, or never done. */
const ownedByTerraform = [
  ["taskDefinition", "task-definition"],
  ["taskDefinitionFamily", "task-definition-family"],
  ["containerName", "container-name"],
  ["environmentVariables", "environment-variables"],
  ["secrets", "secrets"],
  ["taskDefinitionPatch", "task-definition-patch"],
  ["tags", "tags"],
  ["desiredCount", "desired-count"],
  ["forceNewDeployment", "force-new-deployment"],
  ["circuitBreakerThreshold", "circuit-breaker-threshold"],
  ["deploymentConfiguration", "deployment-configuration"],
] as const;

export interface TerraformInputSource {
  readonly kindOf: (path: string) => "file" | "folder" | "outside" | "nothing";
}

/** Inputs that go together. One that could not be read is not in `values` at all, and has been told of already. */
export function terraformProblems(
  values: Readonly<Record<string, unknown>>,
  { kindOf }: TerraformInputSource,
): readonly string[] {
  const directory = values["terraformDirectory"];
  if (typeof directory !== "string") return unusedInputProblems(values);
  const varFiles = Array.isArray(values["terraformVarFile"])
    ? (values["terraformVarFile"] as string[])
    : [];
  const found = kindOf(directory);
  return [
    ...(found === "folder"
      ? varFiles
          .filter((file) => kindOf(resolvePath(directory, file)) !== "file")
          .map((file) => `terraform-var-file: there is no file ${quoted(file)} in ${directory}`)
      : [
          `terraform-directory: expected a folder of the workspace, got ${quoted(directory)}. ${missingPathHint(directory)}`,
        ]),
    ...ownedByTerraform
      .filter(([name]) => isGiven(values[name]))
      .map(
        ([, name]) =>
          `${name}: with terraform-directory this is Terraform's to say; write it into that root`,
      ),
    ...(typeof values["image"] === "string" && !/:[^/@]+(@|$)/.test(values["image"])
      ? [
          "image: with terraform-directory it needs a tag (registry/name:tag), for that is what the variable gets",
        ]
      : []),
    ...(values["ifImageExists"] === "rebuild"
      ? [
          "if-image-exists: rebuild gives Terraform the tag that it has already, so that nothing would be deployed",
        ]
      : []),
    ...(values["onFailureOfOne"] === "rollback-all"
      ? [
          "on-failure-of-one: rollback-all goes back behind Terraform's back; with terraform-directory only `keep` is possible",
        ]
      : []),
  ];
}

function unusedInputProblems(values: Readonly<Record<string, unknown>>): readonly string[] {
  const unused = [
    ["terraformWorkspace", "terraform-workspace"],
    ["terraformBackendConfig", "terraform-backend-config"],
    ["terraformVarFile", "terraform-var-file"],
    ["terraformGuard", "terraform-guard"],
  ] as const;
  return "terraformDirectory" in values
    ? unused
        .filter(([name]) => isGiven(values[name]))
        .map(([, name]) => `${name}: given, but there is no terraform-directory for it`)
    : [];
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}

/** Absolute paths stay; all others are Terraform's, seen from the root. */
function resolvePath(directory: string, file: string): string {
  return file.startsWith("/") ? file : `${directory}/${file}`;
}
