// The two calls that move a service: register the revision, and exactly one UpdateService.

import type { Ecs } from "../aws/ecs.ts";
import { DeployError } from "../errors.ts";
import type { ServicePlan } from "../plan/plan.ts";
import { planServiceUpdate, primaryOf } from "../plan/service.ts";
import type { OurDeployment } from "./snapshot.ts";

/** The ARN of the revision to deploy: a new one, or the one that runs when nothing changes in it. */
export async function registerRevision(
  { register, service }: ServicePlan,
  ecs: Pick<Ecs, "registerTaskDefinition">,
): Promise<string> {
  if (!register) return service.taskDefinitionArn;
  return (await ecs.registerTaskDefinition(register)).arn;
}

/**
 * Updates the service and says which deployment is ours: the PRIMARY one of the answer.
 * @param rebuilt the image behind an unchanged revision is new, so ECS must be told to start anew
 */
export async function startDeployment(
  {
    plan,
    taskDefinitionArn,
    rebuilt,
  }: { readonly plan: ServicePlan; readonly taskDefinitionArn: string; readonly rebuilt: boolean },
  ecs: Pick<Ecs, "updateService">,
): Promise<OurDeployment> {
  const { service } = plan;
  const update = planServiceUpdate(service, { taskDefinitionArn, force: rebuilt && plan.register === undefined });
  const primary = primaryOf(await ecs.updateService(update));
  if (!primary)
    throw new DeployError({
      code: "RolloutUnwatched",
      message: `ECS accepted the update of ${service.name}, but names no deployment for it.`,
      hint: "The rollout goes on; look at it in the console.",
    });
  return {
    cluster: service.clusterName,
    service: service.name,
    id: primary.id,
    startedAt: primary.createdAt,
    taskDefinitionArn,
    earlierIds: service.deployments.map(({ id }) => id).filter((id) => id !== primary.id),
  };
}
