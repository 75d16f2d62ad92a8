// Who checks the health of a service's tasks besides ECS: load balancers, VPC Lattice and gateways.
// PURE.

import { isExpressService } from "../../ecs/express.ts";
import type { ObservedService } from "../../ecs/observed.ts";
import { isJsonObject, type JsonObject, objectsOf } from "../../json.ts";
import { currentMembers } from "./service-patch.ts";

/** Whether a container has a health check of its own. */
export function hasHealthCheck({ containerDefinitions }: JsonObject): boolean {
  return objectsOf(containerDefinitions).some(({ healthCheck }) => isJsonObject(healthCheck));
}

/**
 * As far as DescribeServices shows it: gateway connectors are only in the service's revision, or in
 * what this run changes.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
 */
export function isBehindLoadBalancer(service: ObservedService): boolean {
  const { loadBalancers, vpcLatticeConfigurations, gatewayConnectors } = trafficMembers(service);
  return (
    [loadBalancers, vpcLatticeConfigurations, gatewayConnectors].some(
      (list) => objectsOf(list).length > 0,
    ) || isExpressService(service)
  );
}

/**
 * Whether the service's revision must be read to know of a gateway. A connector names a port by its
 * name, so without a named port there is none.
 */
export function mayHaveGateway(service: ObservedService, definition: JsonObject): boolean {
  return (
    !hasHealthCheck(definition) &&
    !isBehindLoadBalancer(service) &&
    objectsOf(definition.containerDefinitions).some(({ portMappings }) =>
      objectsOf(portMappings).some(({ name }) => name !== undefined),
    )
  );
}

/** The members that send traffic to a port by its name, for messages. */
export function namedPorts(
  service: ObservedService,
): readonly { readonly sender: string; readonly portName: string }[] {
  const { vpcLatticeConfigurations, gatewayConnectors } = trafficMembers(service);
  const named = (sender: string, list: JsonObject[string]) =>
    objectsOf(list).flatMap(({ portName }) => {
      if (typeof portName !== "string") return [];
      return [{ sender, portName }];
    });
  return [
    ...named("VPC Lattice", vpcLatticeConfigurations),
    ...named("The gateway connector", gatewayConnectors),
  ];
}

/** What the update changes is in `raw`, and wins over the current deployment. */
function trafficMembers(service: ObservedService): JsonObject {
  return { ...currentMembers(service), ...service.raw };
}
