import { describe, expect, test } from "vitest";
import type { ObservedService } from "../../../../src/ecs/observed.ts";
import type { JsonObject } from "../../../../src/json.ts";
import {
  chooseTaskContainer,
  placeOfService,
  planTaskRun,
} from "../../../../src/plan/service/task.ts";

const networkConfiguration = {
  awsvpcConfiguration: {
    subnets: ["subnet-1"],
    securityGroups: ["sg-1"],
    assignPublicIp: "DISABLED",
    newer: 1,
  },
};
const strategy = [{ capacityProvider: "FARGATE_SPOT", weight: 1, base: 0 }];

function run(raw: JsonObject): JsonObject {
  const service = { clusterArn: "arn:aws:ecs:us-east-1:1:cluster/clockko", raw } as ObservedService;
  const identity = { clientToken: "token", startedBy: "deploy-ecs/42/1" };
  return planTaskRun({
    place: placeOfService(service),
    taskDefinitionArn: "arn:td:2",
    container: "app",
    command: ["a", "b"],
    environment: [],
    ...identity,
  });
}

describe("what RunTask is sent", () => {
  test("the revision, the command, and who asks", () => {
    expect(run({})).toEqual({
      cluster: "arn:aws:ecs:us-east-1:1:cluster/clockko",
      taskDefinition: "arn:td:2",
      count: 1,
      clientToken: "token",
      startedBy: "deploy-ecs/42/1",
      propagateTags: "TASK_DEFINITION",
      overrides: { containerOverrides: [{ name: "app", command: ["a", "b"] }] },
    });
  });

  test("the service's network and platform, whole", () => {
    expect(run({ networkConfiguration, platformVersion: "1.4.0" })).toMatchObject({
      networkConfiguration,
      platformVersion: "1.4.0",
    });
  });

  test.each([
    ["a launch type", { launchType: "EC2" }, { launchType: "EC2" }],
    ["a strategy", { capacityProviderStrategy: strategy }, { capacityProviderStrategy: strategy }],
    [
      "both: the strategy",
      { launchType: "FARGATE", capacityProviderStrategy: strategy },
      { capacityProviderStrategy: strategy },
    ],
    [
      "an empty strategy",
      { launchType: "FARGATE", capacityProviderStrategy: [] },
      { launchType: "FARGATE" },
    ],
    ["neither", {}, {}],
  ])("capacity of a service with %s", (_, raw, expected) => {
    const { launchType, capacityProviderStrategy } = run(raw);
    expect({
      ...(launchType && { launchType }),
      ...(capacityProviderStrategy && { capacityProviderStrategy }),
    }).toEqual(expected);
  });

  test("nothing that only a service has", () => {
    const sent = run({
      enableExecuteCommand: true,
      propagateTags: "SERVICE",
      loadBalancers: [{}],
      desiredCount: 3,
    });
    for (const member of ["enableExecuteCommand", "loadBalancers", "desiredCount", "group"])
      expect(sent).not.toHaveProperty(member);
    expect(sent.propagateTags).toBe("TASK_DEFINITION");
  });
});

describe("the container that runs the command", () => {
  const definition = { containerDefinitions: [{ name: "proxy" }, { name: "app" }] };
  test("the deployed one, or the requested one", () => {
    expect(chooseTaskContainer(definition, { requested: undefined, deployed: "app" })).toBe("app");
    expect(chooseTaskContainer(definition, { requested: "proxy", deployed: "app" })).toBe("proxy");
  });
  test("one that is not there", () => {
    expect(() =>
      chooseTaskContainer(definition, { requested: "migrate", deployed: "app" }),
    ).toThrow('no container "migrate" to run the command in; it has "proxy", "app".');
  });
});
