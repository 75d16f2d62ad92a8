// Services for which ECS returns no task definition of their own, PURE: no plan can handle them, so
// they are refused.

import type { ObservedService } from "../../ecs/observed.ts";
import type { DeployErrorDetails } from "../../errors.ts";
import { stringOf } from "../../json.ts";

/**
 * ECS itself manages its load balancer, scaling and certificate:
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
 */
export function isExpressMode({ raw }: Pick<ObservedService, "raw">): boolean {
  return stringOf(raw.resourceManagementType) === "ECS";
}

export function unsupportedServiceProblem(
  { name, clusterName, taskDefinitionArn, raw }: ObservedService,
  region: string,
): DeployErrorDetails | undefined {
  const service = `Service "${name}" in cluster "${clusterName}" (${region})`;
  if (isExpressMode({ raw }))
    return {
      code: "ControllerUnsupported",
      message:
        `${service} is an Express Mode service (resourceManagementType ECS). Express Mode ` +
        "services are not supported yet.",
      hint:
        "Nothing was built or changed. Deploy it with `aws ecs update-express-gateway-service`, " +
        "or name a service that was created with CreateService.",
    };
  if (taskDefinitionArn !== "") return undefined;
  return {
    code: "ControllerUnsupported",
    message: `${service} has no task definition, so there is nothing to deploy a new revision of.`,
    hint:
      "Nothing was built or changed. Is it deployed by another tool, with task sets? Then deploy " +
      "with that tool.",
  };
}
