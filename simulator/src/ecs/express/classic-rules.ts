// What UpdateService refuses of an Express Mode service. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html

import type { UpdateServiceRequest } from "@aws-sdk/client-ecs";
import type { AwsError } from "../../contract.ts";
import { invalidParameter } from "../errors.ts";

/**
 * What ECS manages of an Express Mode service cannot be changed by others. Whether UpdateService
 * takes a deploymentConfiguration there: sources contradict each other. The texts are ours.
 */
export function refusedByExpressMode(
  { loadBalancers, deploymentConfiguration }: UpdateServiceRequest,
  acceptsDeploymentConfiguration: boolean,
): AwsError | undefined {
  if (loadBalancers !== undefined)
    return invalidParameter("The load balancers of an Express Mode service cannot be changed.");
  if (deploymentConfiguration === undefined) return undefined;
  const { strategy = "CANARY" } = deploymentConfiguration;
  if (strategy !== "CANARY")
    return invalidParameter(
      "The deployment strategy of an Express Mode service cannot be changed.",
    );
  return acceptsDeploymentConfiguration
    ? undefined
    : invalidParameter(
        "The deployment configuration of an Express Mode service cannot be changed.",
      );
}
