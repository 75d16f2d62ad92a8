// Whether the deployment can reach the stage of `wait-until`, PURE.

import { isExpressService } from "../../ecs/express.ts";
import { stageInputValue } from "../../ecs/lifecycle-stage.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { blockingFinding, type PlanFinding } from "../findings.ts";
import type { ServicePlan } from "../service-plan.ts";

/**
 * Only blue/green, linear and canary deployments have lifecycle stages. Express Mode deploys with a
 * canary; its first deployment has no stages and simply completes.
 */
export function checkWaitUntil(
  { waitUntil }: Pick<Inputs, "waitUntil">,
  plans: readonly Pick<ServicePlan, "service" | "settings">[],
): readonly PlanFinding[] {
  if (waitUntil === undefined) return [];
  const rolling = plans.filter(
    ({ service, settings: { deploymentConfiguration } }) =>
      !isExpressService(service) && (deploymentConfiguration.strategy ?? "ROLLING") === "ROLLING",
  );
  return rolling.map(({ service: { name } }) =>
    blockingFinding(
      "InvalidInput",
      `Input wait-until cannot be ${JSON.stringify(stageInputValue(waitUntil))} with ${name}: its ` +
        "deployment strategy is ROLLING, which has no such lifecycle stage.",
      "Nothing was built or changed. Remove `wait-until`, or deploy with a strategy that has " +
        'stages: `service-patch: "{deploymentConfiguration: {strategy: BLUE_GREEN}}"` (also LINEAR, ' +
        "CANARY).",
    ),
  );
}
