// Express Mode services, as the classic operations show them. CreateExpressGatewayService and its
// kin are not played.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-overview.html

import type { CreateServiceRequest, DeploymentConfiguration, Service } from "@aws-sdk/client-ecs";
import { createService } from "./services.ts";
import type { EcsState } from "./state.ts";

/** As seen on a live service: 5 % for three minutes, then three minutes of bake time. */
const configuration: DeploymentConfiguration = {
  strategy: "CANARY",
  canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 3 },
  bakeTimeInMinutes: 3,
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  deploymentCircuitBreaker: { enable: true, rollback: true },
};

export function createExpressService(
  world: EcsState,
  input: CreateServiceRequest,
  createdBy: string,
): Service {
  const whole = { deploymentConfiguration: configuration, ...input };
  return createService(world, whole, createdBy, "ECS").service ?? {};
}
