// Who besides ECS checks the health of a service's tasks.

import { describe, expect, test } from "vitest";
import type { ObservedService } from "../../../../src/ecs/observed.ts";
import type { JsonObject } from "../../../../src/json.ts";
import {
  hasHealthCheck,
  isBehindLoadBalancer,
  mayHaveGateway,
  namedPorts,
} from "../../../../src/plan/service/traffic.ts";

/** `inDeployment`: what DescribeServices has only in the deployment. */
function service(raw: JsonObject, inDeployment: JsonObject = {}): ObservedService {
  const deployments = [{ status: "PRIMARY", settings: inDeployment }];
  return { raw, deployments, controller: "ECS" } as unknown as ObservedService;
}

const container = (members: JsonObject): JsonObject => ({
  containerDefinitions: [{ name: "sidecar" }, { name: "app", ...members }],
});
const namedPort = container({ portMappings: [{ name: "web", containerPort: 80 }] });

describe("something else checks the tasks", () => {
  test.each<[string, ObservedService, boolean]>([
    ["nothing", service({ loadBalancers: [] }), false],
    ["a load balancer", service({ loadBalancers: [{ targetGroupArn: "tg" }] }), true],
    [
      "VPC Lattice, which only the deployment has",
      service({}, { vpcLatticeConfigurations: [{ portName: "web" }] }),
      true,
    ],
    [
      "VPC Lattice that the update removes",
      service(
        { vpcLatticeConfigurations: [] },
        { vpcLatticeConfigurations: [{ portName: "web" }] },
      ),
      false,
    ],
    ["a gateway that the update adds", service({ gatewayConnectors: [{ portName: "web" }] }), true],
    ["Express Mode", service({ resourceManagementType: "ECS" }), true],
  ])("%s: %o", (_, of, expected) => {
    expect(isBehindLoadBalancer(of)).toBe(expected);
  });
});

test("a health check of any container counts", () => {
  expect(hasHealthCheck(namedPort)).toBe(false);
  expect(hasHealthCheck(container({ healthCheck: { command: ["CMD", "true"] } }))).toBe(true);
});

describe("the revision is read only if a gateway would matter", () => {
  test.each<[string, ObservedService, JsonObject, boolean]>([
    ["a named port and no check", service({}), namedPort, true],
    ["no port", service({}), container({}), false],
    [
      "a port without a name",
      service({}),
      container({ portMappings: [{ containerPort: 80 }] }),
      false,
    ],
    [
      "a health check",
      service({}),
      container({ healthCheck: {}, portMappings: [{ name: "web" }] }),
      false,
    ],
    ["a load balancer", service({ loadBalancers: [{}] }), namedPort, false],
  ])("%s", (_, of, definition, expected) => {
    expect(mayHaveGateway(of, definition)).toBe(expected);
  });
});

test("ports that are used by name", () => {
  const of = service(
    { gatewayConnectors: [{ portName: "web" }, {}] },
    { vpcLatticeConfigurations: [{ portName: "api" }] },
  );
  expect(namedPorts(of)).toEqual([
    { sender: "VPC Lattice", portName: "api" },
    { sender: "The gateway connector", portName: "web" },
  ]);
});
