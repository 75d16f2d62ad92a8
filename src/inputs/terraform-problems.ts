// Inputs that contradict each other in a deployment with or without Terraform, PURE.

import type { RequestedImage } from "./image-parsers.ts";
import type { InputSpec } from "./input-spec.ts";
import { quoted } from "./parsers.ts";
import { inputSpecs, toMemberName } from "./schema.ts";
import { missingPathHint } from "./shell-variables.ts";

/** What the workspace contains. */
interface Workspace {
  readonly kindOf: (path: string) => "file" | "folder" | "outside" | "nothing";
}

/**
 * The parsed inputs. One that could not be read has no member here, and its problem is reported
 * already.
 */
type ParsedInputs = Readonly<Record<string, unknown>>;

/** Each problem as `input-name: what is wrong`. */
export function terraformProblems(values: ParsedInputs, workspace: Workspace): readonly string[] {
  const directory = values["terraformDirectory"];
  if (typeof directory !== "string") return unusedInputProblems(values);
  return [
    ...pathProblems(directory, values["terraformVarFile"], workspace),
    ...inputsDecidedByTerraform(values).map(
      (name) =>
        `${name}: not supported with terraform-directory: set it in the Terraform configuration`,
    ),
    ...contradictions(values),
  ];
}

function pathProblems(
  directory: string,
  varFiles: unknown,
  { kindOf }: Workspace,
): readonly string[] {
  if (kindOf(directory) !== "folder")
    return [
      `terraform-directory: expected a folder of the workspace, got ${quoted(directory)}. ` +
        `${missingPathHint(directory)}`,
    ];
  if (!Array.isArray(varFiles)) return [];
  return (varFiles as string[])
    .filter((file) => kindOf(resolvePath(directory, file)) !== "file")
    .map((file) => `terraform-var-file: there is no file ${quoted(file)} in ${directory}`);
}

/** The next apply would undo them, or they would never take effect. */
function inputsDecidedByTerraform(values: ParsedInputs): readonly string[] {
  return Object.entries<InputSpec<unknown>>(inputSpecs)
    .filter(([, { handling }]) => handling.terraform === "decides")
    .map(([name]) => name)
    .filter((name) => isGiven(values[toMemberName(name)]));
}

function contradictions({ image, ifImageExists, onFailureOfOne }: ParsedInputs): readonly string[] {
  const problems: string[] = [];
  const [{ container, reference } = {}] = (image ?? []) as readonly Partial<RequestedImage>[];
  if (container !== undefined)
    problems.push(
      "image: with terraform-directory it is one image without a container's name, because the " +
        "Terraform variable receives one tag",
    );
  else if (reference !== undefined && !/:[^/@]+(@|$)/.test(reference))
    problems.push(
      "image: with terraform-directory it needs a tag (registry/name:tag), because the " +
        "Terraform variable receives the tag",
    );
  if (ifImageExists === "rebuild")
    problems.push(
      "if-image-exists: rebuild gives Terraform the tag that it already has, so nothing would " +
        "be deployed",
    );
  if (onFailureOfOne === "rollback-all")
    problems.push(
      "on-failure-of-one: rollback-all would change services without Terraform; with " +
        "terraform-directory only `keep` is possible",
    );
  return problems;
}

const needTerraformDirectory = [
  "terraform-workspace",
  "terraform-backend-config",
  "terraform-var-file",
  "terraform-guard",
] as const;

function unusedInputProblems(values: ParsedInputs): readonly string[] {
  if (!("terraformDirectory" in values)) return [];
  return needTerraformDirectory
    .filter((name) => isGiven(values[toMemberName(name)]))
    .map((name) => `${name}: given without terraform-directory`);
}

function isGiven(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== false;
}

/** Terraform resolves a relative path against the root. */
function resolvePath(directory: string, file: string): string {
  if (file.startsWith("/")) return file;
  return `${directory}/${file}`;
}
