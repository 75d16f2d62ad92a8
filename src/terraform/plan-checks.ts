// Whether a plan deploys our image and does nothing that it should not, PURE.

import type { DeployErrorDetails } from "../errors.ts";
import type { TerraformGuard } from "../inputs/terraform-inputs.ts";
import { parseImageReference } from "../plan/image/image.ts";
import { codeBlock, shellBlock } from "../text/code-block.ts";
import { matchesWildcard } from "../text/wildcard.ts";
import type { ResourceChange, TerraformPlan } from "./plan-json.ts";

export interface ExpectedPlan {
  readonly directory: string;
  readonly variable: string;
  /** What TF_VAR_… was set to. */
  readonly value: string;
  /** The image that was pushed, `registry/name:tag`, maybe with `@sha256:…`. */
  readonly image: string;
  readonly guard: TerraformGuard;
  /** Services that ECS has already, by name. */
  readonly services: readonly string[];
}

/** All that is wrong with it; [] if it may be applied. */
export function checkPlan(
  plan: TerraformPlan,
  expected: ExpectedPlan,
): readonly DeployErrorDetails[] {
  const variable = checkVariable(plan, expected);
  return [
    ...variable,
    ...(variable.length === 0 ? checkPlannedImage(plan, expected) : []),
    ...checkServicesInState(plan, expected),
    ...checkGuard(plan, expected),
  ];
}

/** A state that does not know the service is another one's: `terraform init` makes a workspace that is not there without a word. */
function checkServicesInState(
  { newServices }: TerraformPlan,
  expected: ExpectedPlan,
): readonly DeployErrorDetails[] {
  return newServices
    .filter(({ name }) => expected.services.includes(name))
    .map(({ address, name }) => ({
      code: "TerraformPlanBlocked",
      message: `Terraform would create the service ${name}, which is there already: its state does not know it.`,
      hint: `Nothing was applied. Is this the state with which the service was made (\`terraform-workspace\`, \`terraform-backend-config\`)? A service that was made without Terraform is taken over by:\n${shellBlock(`terraform -chdir=${expected.directory} import`, address, `CLUSTER/${name}`)}`,
    }));
}

/** Terraform ignores TF_VAR_… of a variable that is not declared, and a value from a file comes before it: both are silent. */
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
      message: `Terraform plans with ${variable} = ${JSON.stringify(variables[variable])}, not with ${JSON.stringify(value)}: a value from a file comes before the environment's.`,
      hint: `Nothing was applied. Take ${variable} out of terraform.tfvars, *.auto.tfvars and the files of terraform-var-file in ${directory}.`,
    },
  ];
}

export function undeclaredVariableProblem(variable: string, directory: string): DeployErrorDetails {
  return {
    code: "TerraformVariableIgnored",
    message: `The Terraform root ${directory} declares no variable "${variable}", so Terraform would ignore the image's tag without a word.`,
    hint: `Nothing was applied. Name the right one with \`terraform-image-variable\`, or declare it:\n${codeBlock(`variable "${variable}" {\n  type = string\n}`, "hcl")}`,
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
      message: `With ${variable} = ${JSON.stringify(value)}, no container that Terraform plans has the image ${image}. It plans ${images.join(", ") || "no container definitions at all"}.`,
      hint: `Nothing was applied. Is \`ecr-repository\` the repository that the root deploys from, and is var.${variable} in the image of its container definitions?`,
    },
  ];
}

/** The planned containers that run our image. */
export function containersWith(
  { containers }: TerraformPlan,
  image: string,
): TerraformPlan["containers"] {
  return containers.filter((container) => isSameImageReference(container.image, image));
}

/** Tag or digest may be left out on one side. */
export function isSameImageReference(a: string, b: string): boolean {
  const [left, right] = [parseImageReference(a), parseImageReference(b)];
  if (left.repository !== right.repository) return false;
  if (left.digest !== undefined && right.digest !== undefined) return left.digest === right.digest;
  return left.tag !== undefined && left.tag === right.tag;
}

/** A changed task definition is always a new revision; its replacement loses nothing. */
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
  return [
    {
      code: "TerraformPlanBlocked",
      message: `Terraform would take away more than a task definition:\n${refused.map((one) => `- ${describeAction(one)}`).join("\n")}`,
      hint: `Nothing was applied. If it is meant so, apply it by hand, or allow it for this step:\n${codeBlock(["terraform-guard: |", ...addresses].join("\n"), "yaml")}`,
    },
  ];
}

function describeAction({ address, action }: ResourceChange): string {
  return `${address} would be ${action === "replace" ? "replaced (deleted and created anew)" : "deleted"}`;
}
