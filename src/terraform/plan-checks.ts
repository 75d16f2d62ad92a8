// Checks that a plan deploys our image and does not delete or replace other resources, PURE.

import type { DeployErrorDetails } from "../errors.ts";
import type { TerraformGuard } from "../inputs/terraform-inputs.ts";
import { parseImageReference } from "../plan/image/image.ts";
import { codeBlock, shellBlock } from "../text/code-block.ts";
import { matchesWildcard } from "../text/wildcard.ts";
import type { ResourceChange, TerraformPlan } from "./plan-json.ts";

export interface ExpectedPlan {
  readonly directory: string;
  readonly variable: string;
  /** Value of TF_VAR_…. */
  readonly value: string;
  /** The image that was pushed, `registry/name:tag`, optionally with `@sha256:…`. */
  readonly image: string;
  readonly guard: TerraformGuard;
  /** Names of the services that exist in ECS. */
  readonly services: readonly string[];
}

/** All problems of the plan; [] if it may be applied. */
export function checkPlan(
  plan: TerraformPlan,
  expected: ExpectedPlan,
): readonly DeployErrorDetails[] {
  const variableProblems = checkVariable(plan, expected);
  const imageProblems = checkPlannedImage(plan, expected);
  return [
    ...(variableProblems.length > 0 ? variableProblems : imageProblems),
    ...checkServicesInState(plan, expected),
    ...plan.expressServices.map(expressServiceProblem),
    ...checkGuard(plan, expected),
  ];
}

/**
 * If the state does not have the service, it is the wrong state: `terraform init` silently creates
 * a missing workspace.
 */
function checkServicesInState(
  { newServices }: TerraformPlan,
  expected: ExpectedPlan,
): readonly DeployErrorDetails[] {
  return newServices
    .filter(({ name }) => expected.services.includes(name))
    .map(({ address, name }) => notInStateProblem(name, address, expected.directory));
}

/** Their deployments are not found by what aws_ecs_service says of them. */
function expressServiceProblem(address: string): DeployErrorDetails {
  return {
    code: "ControllerUnsupported",
    message:
      `Terraform would change ${address}, an Express Mode service. With \`terraform-directory\`, ` +
      "deploy-ecs deploys services of aws_ecs_service only.",
    hint:
      "Nothing was applied. Deploy the service without `terraform-directory` (docs/express.md), and " +
      "let Terraform ignore its image: `lifecycle { ignore_changes = [primary_container] }`.",
  };
}

function notInStateProblem(name: string, address: string, directory: string): DeployErrorDetails {
  const importBlock = shellBlock(
    `terraform -chdir=${directory} import`,
    address,
    `CLUSTER/${name}`,
  );
  return {
    code: "TerraformPlanBlocked",
    message:
      `Terraform would create the service ${name}, which already exists but is not in the ` +
      "Terraform state.",
    hint:
      "Nothing was applied. Is this the state that the service was created with " +
      "(`terraform-workspace`, `terraform-backend-config`)? To import a service that was " +
      `created without Terraform:\n${importBlock}`,
  };
}

/**
 * Terraform silently ignores TF_VAR_… of a variable that is not declared, or that has a value in a
 * file.
 */
function checkVariable(
  { variables }: TerraformPlan,
  expected: ExpectedPlan,
): readonly DeployErrorDetails[] {
  const { variable, value, directory } = expected;
  if (!(variable in variables)) return [undeclaredVariableProblem(variable, directory)];
  if (variables[variable] === value) return [];
  return [
    {
      code: "TerraformVariableIgnored",
      message:
        `Terraform plans with ${variable} = ${JSON.stringify(variables[variable])}, not with ` +
        `${JSON.stringify(value)}: a value in a file takes precedence over the environment.`,
      hint:
        `Nothing was applied. Remove ${variable} from terraform.tfvars, *.auto.tfvars and the ` +
        `files of terraform-var-file in ${directory}.`,
    },
  ];
}

export function undeclaredVariableProblem(variable: string, directory: string): DeployErrorDetails {
  const declaration = codeBlock(`variable "${variable}" {\n  type = string\n}`, "hcl");
  return {
    code: "TerraformVariableIgnored",
    message:
      `The Terraform root ${directory} declares no variable "${variable}", so Terraform would ` +
      "silently ignore the image tag.",
    hint:
      "Nothing was applied. Set `terraform-image-variable` to the right variable, or declare " +
      `this one:\n${declaration}`,
  };
}

function checkPlannedImage(
  plan: TerraformPlan,
  { image, variable, value }: ExpectedPlan,
): readonly DeployErrorDetails[] {
  if (plan.unknownContainers.length > 0 || containersWith(plan, image).length > 0) return [];
  const images = [...new Set(plan.containers.map((container) => container.image))];
  return [
    {
      code: "TerraformImageNotPlanned",
      message:
        `With ${variable} = ${JSON.stringify(value)}, no planned container has the image ` +
        `${image}. The plan has ${images.join(", ") || "no container definitions"}.`,
      hint:
        "Nothing was applied. Is `ecr-repository` the repository that the root deploys from, " +
        `and does the image in its container definitions use var.${variable}?`,
    },
  ];
}

/** The planned containers with this image. */
export function containersWith(
  { containers }: TerraformPlan,
  image: string,
): TerraformPlan["containers"] {
  return containers.filter((container) => isSameImageReference(container.image, image));
}

/** One side may omit the tag or the digest. */
export function isSameImageReference(a: string, b: string): boolean {
  const [left, right] = [parseImageReference(a), parseImageReference(b)];
  if (left.repository !== right.repository) return false;
  if (left.digest !== undefined && right.digest !== undefined) return left.digest === right.digest;
  return left.tag !== undefined && left.tag === right.tag;
}

/** A changed task definition is always a new revision; replacing it loses nothing. */
const alwaysReplaceable = "aws_ecs_task_definition";

function checkGuard(
  { changes }: TerraformPlan,
  { guard }: ExpectedPlan,
): readonly DeployErrorDetails[] {
  if (guard === "off") return [];
  const allowed = [alwaysReplaceable, ...guard];
  const refused = changes.filter(
    ({ address, type, action }) =>
      (action === "delete" || action === "replace") &&
      !allowed.some(
        (pattern) => matchesWildcard(pattern, address) || matchesWildcard(pattern, type),
      ),
  );
  if (refused.length === 0) return [];
  const addresses = refused.map(({ address }) => `  ${address}`);
  const actions = refused.map((one) => `- ${describeAction(one)}`).join("\n");
  return [
    {
      code: "TerraformPlanBlocked",
      message: `The plan would delete or replace more than task definitions:\n${actions}`,
      hint:
        "Nothing was applied. If this is intended, apply it manually, or allow it for this " +
        `step:\n${codeBlock(["terraform-guard: |", ...addresses].join("\n"), "yaml")}`,
    },
  ];
}

function describeAction({ address, action }: ResourceChange): string {
  return (
    `${address} would be ` +
    `${action === "replace" ? "replaced (deleted and created again)" : "deleted"}`
  );
}
