import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json.ts";
import {
  describeConfiguration,
  patternOf,
  previewConfiguration,
} from "../../../src/preview/configuration.ts";

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const secrets = [{ name: "KEY", valueFrom: "arn:key" }];

function serviceWith(configuration: JsonObject = {}): JsonObject {
  return {
    infrastructureRoleArn: role("infrastructure"),
    activeConfigurations: [
      {
        executionRoleArn: role("execution"),
        taskDefinitionArn: "arn:aws:ecs:us-east-1:123456789012:task-definition/default-shop:3",
        serviceRevisionArn: "arn:revision",
        cpu: "1024",
        memory: "2048",
        healthCheckPath: "/ping",
        networkConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-ecs"] },
        primaryContainer: {
          image: "shop:v1",
          containerPort: 8080,
          command: [],
          environment: [{ name: "A", value: "1" }],
          secrets,
          awsLogsConfiguration: { logGroup: "/aws/ecs/shop", logStreamPrefix: "ecs" },
        },
        scalingTarget: { minTaskCount: 2, maxTaskCount: 20 },
        ingressPaths: [{ accessType: "PUBLIC", endpoint: "sh-1.ecs.us-east-1.on.aws" }],
        createdAt: 1,
        ...configuration,
      },
    ],
  };
}

function configure(overlay?: JsonObject, configuration?: JsonObject): JsonObject {
  const pattern = patternOf(serviceWith(configuration));
  if (!pattern) throw new Error("no pattern");
  return previewConfiguration(pattern, { overlay, tags: [{ key: "own", value: "1" }] });
}

test("roles, port, path, subnets, environment and secrets; one task; no image, no log group", () => {
  expect(configure()).toEqual({
    infrastructureRoleArn: role("infrastructure"),
    executionRoleArn: role("execution"),
    healthCheckPath: "/ping",
    cpu: "1024",
    memory: "2048",
    networkConfiguration: { subnets: ["subnet-1"] },
    primaryContainer: {
      containerPort: 8080,
      environment: [{ name: "A", value: "1" }],
      secrets,
    },
    scalingTarget: { minTaskCount: 1, maxTaskCount: 1 },
    tags: [{ key: "own", value: "1" }],
  });
});

test("the newest of several active configurations counts", () => {
  const [old] = serviceWith().activeConfigurations as readonly JsonObject[];
  const pattern = patternOf({
    activeConfigurations: [
      { ...old },
      { ...old, cpu: "512", createdAt: 5 },
      { ...old, createdAt: 2 },
    ],
  });
  expect(pattern?.configuration.cpu).toBe("512");
});

test("without an active configuration there is no pattern", () => {
  expect(patternOf({ activeConfigurations: [] })).toBeUndefined();
  expect(patternOf({})).toBeUndefined();
});

describe("the overlay", () => {
  test("replaces members, merges objects, removes with null; sizes become texts", () => {
    const express = configure({
      cpu: 256,
      containerPort: 3000,
      healthCheckPath: null,
      networkConfiguration: { securityGroups: ["sg-db"] },
      primaryContainer: { secrets: null },
      newerMember: true,
    });
    expect(express).toMatchObject({
      cpu: "256",
      networkConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-db"] },
      newerMember: true,
    });
    expect(express).not.toHaveProperty("healthCheckPath");
    expect(express.primaryContainer).toEqual({
      containerPort: 3000,
      environment: [{ name: "A", value: "1" }],
    });
  });

  test("adds tags, but cannot change those of the action", () => {
    const tags = [
      { key: "own", value: "other" },
      { key: "team", value: "web" },
    ];
    expect(configure({ tags }).tags).toEqual([
      { key: "team", value: "web" },
      { key: "own", value: "1" },
    ]);
  });
});

describe("what is said", () => {
  function say(overlay: JsonObject, changes = {}, configuration = {}) {
    const pattern = patternOf(serviceWith(configuration));
    if (!pattern) throw new Error("no pattern");
    const express = previewConfiguration(pattern, { overlay, tags: [] });
    return describeConfiguration("shop-pr-1", pattern, { express, secrets: [], ...changes });
  }

  test("which secrets it shares", () => {
    expect(say({})).toEqual([expect.stringContaining("the same secrets as its pattern: KEY.")]);
  });

  test.each([
    ["removed by express", { primaryContainer: { secrets: null } }, {}],
    ["another source in secrets", {}, { secrets: [{ name: "KEY", value: "arn:other" }] }],
    ["removed by secrets", {}, { secrets: [{ name: "KEY", remove: true }] }],
    ["all removed by secrets", {}, { secrets: [{ name: "*", remove: true }] }],
  ])("nothing where they are not shared: %s", (_, overlay, changes) => {
    expect(say(overlay, changes)).toEqual([]);
  });

  test("which security groups it lacks, unless some are given", () => {
    const network = {
      networkConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-ecs", "sg-db"] },
      primaryContainer: {},
    };
    expect(say({}, {}, network)).toEqual([expect.stringContaining("(sg-ecs, sg-db)")]);
    expect(say({ networkConfiguration: { securityGroups: [] } }, {}, network)).toEqual([]);
  });
});
