import { describe, expect, test } from "vitest";
import type { ObservedService } from "../../../../src/ecs/observed.ts";
import type { JsonValue } from "../../../../src/json.ts";
import {
  isUpToDate,
  planServiceUpdate,
  previousStableRevisionArn,
} from "../../../../src/plan/service/service.ts";
import { noChanges, planSettings } from "../../../../src/plan/service/service-settings.ts";

const arnOf = (revision: string) =>
  `arn:aws:ecs:us-east-1:123456789012:task-definition/${revision}`;

function deployment(
  revision: string,
  status: string,
  rolloutState?: string,
): ObservedService["deployments"][number] {
  return {
    id: `ecs-svc/${revision}`,
    status,
    taskDefinitionArn: arnOf(revision),
    desiredCount: 1,
    pendingCount: 0,
    runningCount: 1,
    failedTasks: 0,
    createdAt: 0,
    ...(rolloutState !== undefined && { rolloutState }),
  };
}

function service(members: Partial<ObservedService> = {}): ObservedService {
  return {
    name: "api",
    arn: "arn:aws:ecs:us-east-1:123456789012:service/clockko/api",
    clusterName: "clockko",
    clusterArn: "arn:aws:ecs:us-east-1:123456789012:cluster/clockko",
    status: "ACTIVE",
    controller: "ECS",
    desiredCount: 3,
    runningCount: 3,
    pendingCount: 0,
    taskDefinitionArn: arnOf("api:1"),
    deploymentConfiguration: {},
    deployments: [deployment("api:1", "PRIMARY", "COMPLETED")],
    events: [],
    raw: {},
    ...members,
  };
}

const patchable = service({
  deployments: [
    {
      ...deployment("api:1", "PRIMARY", "COMPLETED"),
      settings: { serviceConnectConfiguration: { enabled: true } },
    },
  ],
  raw: {
    enableExecuteCommand: false,
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: ["a", "b"],
        securityGroups: ["sg"],
        assignPublicIp: "DISABLED",
      },
    },
  },
});

describe("what is requested besides the revision", () => {
  test.each<[string, Partial<Parameters<typeof planSettings>[1]>, boolean]>([
    ["another desired count", { desiredCount: 4 }, true],
    ["the desired count that the service has", { desiredCount: 3 }, false],
    ["a new deployment", { forceNewDeployment: true }, true],
    ["nothing", {}, false],
    ["members that differ", { servicePatch: { enableExecuteCommand: true } }, true],
    [
      "members that the service has",
      {
        servicePatch: {
          enableExecuteCommand: false,
          deploymentController: { type: "ECS" },
          networkConfiguration: { awsvpcConfiguration: { subnets: ["b", "a"] } },
          serviceConnectConfiguration: { enabled: true },
          deploymentConfiguration: {},
        },
      },
      false,
    ],
    [
      "a list with one more item",
      { servicePatch: { placementStrategy: [{ type: "spread" }] } },
      true,
    ],
  ])("%s: something is to change %j: %j", (_what, asked, other) => {
    expect(planSettings(patchable, { ...noChanges, ...asked }).changed).toBe(other);
  });

  test("a patched member is complete; members that are the same are not in the update", () => {
    const servicePatch: Record<string, JsonValue> = {
      enableExecuteCommand: false,
      networkConfiguration: { awsvpcConfiguration: { assignPublicIp: null, subnets: ["c"] } },
      serviceConnectConfiguration: { namespace: "shop" },
      membersOfTomorrow: [1],
    };
    expect(planSettings(patchable, { ...noChanges, servicePatch }).members).toEqual({
      networkConfiguration: { awsvpcConfiguration: { subnets: ["c"], securityGroups: ["sg"] } },
      serviceConnectConfiguration: { enabled: true, namespace: "shop" },
      membersOfTomorrow: [1],
    });
  });
});

describe("the one update", () => {
  const update = (members: Partial<ObservedService> = {}, revision = "api:2", force = false) =>
    planServiceUpdate(service(members), {
      taskDefinitionArn: arnOf(revision),
      settings: planSettings(service(members), noChanges),
      force,
    });

  test("names service, cluster and revision, switches the breaker on, and says nothing else", () => {
    expect(update()).toEqual({
      cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/clockko",
      service: "api",
      taskDefinition: arnOf("api:2"),
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
  });

  test("keeps the deployment configuration whole", () => {
    const deploymentConfiguration = {
      maximumPercent: 150,
      minimumHealthyPercent: 50,
      alarms: { alarmNames: ["5xx"], enable: true, rollback: false },
      deploymentCircuitBreaker: {
        enable: false,
        rollback: false,
        thresholdConfiguration: { type: "COUNT", value: 5 },
      },
      membersOfTomorrow: { kept: true },
    };
    expect(update({ deploymentConfiguration })["deploymentConfiguration"]).toEqual({
      ...deploymentConfiguration,
      deploymentCircuitBreaker: {
        enable: true,
        rollback: true,
        thresholdConfiguration: { type: "COUNT", value: 5 },
      },
    });
  });

  test("forces a new deployment where the image behind the revision is another", () => {
    expect(update({}, "api:1", true)).toMatchObject({ forceNewDeployment: true });
  });

  test("forces a new deployment after one of the same revision that failed and stayed", () => {
    const deployments = [deployment("api:1", "PRIMARY", "FAILED")];
    expect(update({ deployments }, "api:1")).toMatchObject({ forceNewDeployment: true });
    expect(update({ deployments }, "api:2")).not.toHaveProperty("forceNewDeployment");
  });
});

test.each([
  { name: "complete", deployments: [deployment("api:1", "PRIMARY", "COMPLETED")], expected: true },
  {
    name: "of a controller without states",
    deployments: [deployment("api:1", "PRIMARY")],
    expected: true,
  },
  {
    name: "still rolling",
    deployments: [deployment("api:1", "PRIMARY", "IN_PROGRESS")],
    expected: false,
  },
  {
    name: "failed and left so",
    deployments: [deployment("api:1", "PRIMARY", "FAILED")],
    expected: false,
  },
  {
    name: "on its way to another",
    deployments: [deployment("api:2", "PRIMARY", "IN_PROGRESS")],
    expected: false,
  },
  { name: "without any deployment", deployments: [], expected: false },
])("a service $name: settled is $expected", ({ deployments, expected }) => {
  expect(isUpToDate(service({ deployments }), arnOf("api:1"))).toBe(expected);
});

test.each([
  {
    name: "the revision that runs",
    deployments: [deployment("api:2", "PRIMARY", "COMPLETED")],
    expected: "api:2",
  },
  {
    name: "the last good one while another is on its way",
    deployments: [
      deployment("api:2", "PRIMARY", "IN_PROGRESS"),
      deployment("api:1", "ACTIVE", "COMPLETED"),
    ],
    expected: "api:1",
  },
  {
    name: "the last good one after one that failed and stayed",
    deployments: [
      deployment("api:2", "PRIMARY", "FAILED"),
      deployment("api:1", "ACTIVE", "COMPLETED"),
    ],
    expected: "api:1",
  },
  {
    name: "what there is where nothing was ever good",
    deployments: [deployment("api:2", "PRIMARY", "IN_PROGRESS")],
    expected: "api:2",
  },
])("to go back to: $name", ({ deployments, expected }) => {
  expect(
    previousStableRevisionArn(service({ taskDefinitionArn: arnOf("api:2"), deployments })),
  ).toBe(arnOf(expected));
});
