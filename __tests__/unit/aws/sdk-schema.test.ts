// The SDK's own model, as src/aws/sdk-schema.ts reads it: a new SDK that writes its schemas otherwise is noticed here.

import type { RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import { requestShapes } from "../../../src/aws/sdk-schema.ts";
import type { ValueSchema } from "../../../src/ecs/request-schema.ts";
import { checkAgainstSchema } from "../../../src/plan/task-definition/schema-check.ts";

const { taskDefinition, updateService } = requestShapes();

/** Every member of the request; TypeScript refuses the list if the SDK has one more or one less. */
const members = {
  family: 1,
  containerDefinitions: 1,
  taskRoleArn: 1,
  executionRoleArn: 1,
  networkMode: 1,
  volumes: 1,
  placementConstraints: 1,
  requiresCompatibilities: 1,
  cpu: 1,
  memory: 1,
  tags: 1,
  pidMode: 1,
  ipcMode: 1,
  proxyConfiguration: 1,
  inferenceAccelerators: 1,
  ephemeralStorage: 1,
  runtimePlatform: 1,
  enableFaultInjection: 1,
} satisfies Record<keyof RegisterTaskDefinitionRequest, 1>;

test("the request has all its members, down to the last leaf, and no shape is unknown", () => {
  expect(taskDefinition.is === "members" && Object.keys(taskDefinition.members).sort()).toEqual(
    Object.keys(members).sort(),
  );
  const leaves = leavesOf(taskDefinition);
  expect(leaves.filter(({ is }) => is === "anything")).toEqual([]);
  expect(leaves.length).toBeGreaterThan(120);
});

test("the members of an update are known, too", () => {
  const deploymentConfiguration = {
    maximumPercent: "200",
    deploymentCircuitBraker: {},
    alarms: { alarmNames: "a" },
  };
  const wrong = { service: "api", loadBalancers: {}, deploymentConfiguration };
  expect(checkAgainstSchema(wrong, updateService)).toEqual({
    unknown: [
      {
        path: "deploymentConfiguration.deploymentCircuitBraker",
        name: "deploymentCircuitBraker",
        closest: "deploymentCircuitBreaker",
      },
    ],
    mistyped: [
      { path: "loadBalancers", problem: "expected a list, got an object" },
      {
        path: "deploymentConfiguration.maximumPercent",
        problem: 'expected a number (without quotes), got a text: "200"',
      },
      {
        path: "deploymentConfiguration.alarms.alarmNames",
        problem: 'expected a list, got a text: "a"',
      },
    ],
    missing: [
      { path: "deploymentConfiguration.alarms", name: "rollback" },
      { path: "deploymentConfiguration.alarms", name: "enable" },
    ],
  });
});

function leavesOf(
  shape: ValueSchema,
  path = "",
): readonly { readonly path: string; readonly is: string }[] {
  if (shape.is === "members")
    return Object.entries(shape.members).flatMap(([name, member]) =>
      leavesOf(member, `${path}.${name}`),
    );
  return shape.is === "list" || shape.is === "map"
    ? leavesOf(shape.of, `${path}[]`)
    : [{ path, is: shape.is }];
}
