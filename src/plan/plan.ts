// The plan of a run, PURE: Inputs + Observed → what will be built, tagged, registered and updated.
// Nothing has changed yet.

import { isRollback } from "../inputs/is-rollback.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { Observed } from "./observed.ts";
import { planDeploy, planServices } from "./plan-deploy.ts";
import { planRollback } from "./plan-rollback.ts";
import { planForTerraform } from "./plan-terraform.ts";
import { assertTaskContainerExists } from "./service/task.ts";
import type { Plan } from "./service-plan.ts";
import type { Draft } from "./task-definition/draft.ts";

export type { Plan };

/** @throws DeployError with everything that makes it impossible */
export function planRun(inputs: Inputs, observed: Observed, drafts: readonly Draft[]): Plan {
  const plan = planFor(inputs, observed, drafts);
  assertTaskContainerExists(inputs, plan.services, observed.taskDefinitions);
  return plan;
}

function planFor(inputs: Inputs, observed: Observed, drafts: readonly Draft[]): Plan {
  if (inputs.terraformDirectory !== undefined) return planForTerraform(inputs, observed, drafts);
  if (isRollback(inputs)) return planRollback(inputs, observed);
  return planDeploy(inputs, observed, drafts);
}

/**
 * The same plan with the digest in each image reference (`pin-digest`), which is known only after
 * the push.
 */
export function pinDigest(
  plan: Plan,
  digest: string,
  inputs: Inputs,
  observed: Observed,
  drafts: readonly Draft[],
): Plan {
  const { image } = plan;
  if (!image?.pinDigest || inputs.terraformDirectory !== undefined) return plan;
  return { ...plan, services: planServices(inputs, observed, { drafts, image, digest }) };
}
