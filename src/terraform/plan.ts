// Makes, checks and prints one plan. Only a checked plan is applied.

import type { Inputs } from "../inputs/schema.ts";
import { toSingleError } from "../plan/check-targets.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { RunState } from "../run/state.ts";
import { pluralize } from "../text/format.ts";
import type { PlannedRun } from "./cli.ts";
import { checkPlan } from "./plan-checks.ts";
import type { TerraformSession } from "./terraform-session.ts";

/** The image as Terraform gets it. */
export interface TerraformImage {
  /** As the container definitions must name it. */
  readonly reference: string;
  /** Value of the image variable. */
  readonly value: string;
}

export interface PlanPorts {
  readonly session: TerraformSession;
  readonly inputs: Pick<Inputs, "terraformImageVariable" | "terraformGuard">;
  readonly image: TerraformImage;
  readonly reporter: Reporter;
  readonly runState: RunState;
}

/**
 * @throws DeployError `TerraformVariableIgnored`, `TerraformImageNotPlanned`,
 * `TerraformPlanBlocked` and Terraform's own failures
 */
export async function planAndCheck(
  ports: PlanPorts,
  targets: readonly string[] = [],
): Promise<PlannedRun> {
  const { session, inputs, image, reporter, runState } = ports;
  const { terraform, directory } = session;
  const planned = await terraform.plan(image.value, targets);
  if (targets.length === 0)
    runState.terraform = {
      directory,
      changes: planned.view.changes,
      text: planned.text,
      applyState: "not",
    };
  for (const line of planned.text.split("\n")) reporter.info(line);
  const problems = checkPlan(planned.view, {
    directory,
    image: image.reference,
    value: image.value,
    variable: inputs.terraformImageVariable,
    guard: inputs.terraformGuard,
    services: runState.services.map(({ plan }) => plan.service.name),
  });
  const error = toSingleError(problems);
  if (error) throw error;
  for (const address of planned.view.deregistered)
    reporter.warning(
      `${address} has no \`skip_destroy = true\`: Terraform deregisters the previous revision, ` +
        "which ECS needs for a rollback.",
    );
  if (planned.view.unknownContainers.length > 0)
    reporter.notice(
      `Not checked: whether ${planned.view.unknownContainers.join(", ")} will run ` +
        `${image.reference}. Terraform knows the container definitions only after the apply.`,
    );
  return planned;
}

/** `Would apply backend/infra: 1 to create, 1 to update (aws_ecs_service.app …)` */
export function describeTerraformPlan(
  { view: { changes } }: PlannedRun,
  directory: string,
): readonly string[] {
  if (changes.length === 0) return [`Terraform would change no resource in ${directory}.`];
  return [
    `Would apply ${directory} with Terraform: ${pluralize(changes.length, "change")}.`,
    ...changes.map(({ address, action }) => `  ${action} ${address}`),
  ];
}
