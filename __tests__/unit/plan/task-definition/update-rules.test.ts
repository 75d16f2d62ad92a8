// The action's rules of an update and the simulator's, held against each other: they share no code.

import { expect, test } from "vitest";
import type { JsonObject } from "../../../../src/json.ts";
import { compatibilityRules, updateRules } from "../../../../src/plan/service/update-rules.ts";
import { mergePatch } from "../../../../src/plan/task-definition/merge-patch.ts";
import { findBrokenRules } from "../../../../src/plan/task-definition/rules/rule.ts";
import { simulateEcs } from "../../../rig/simulated-ecs.ts";

interface Update {
  /** Members of the service beside the default ones. */
  readonly service?: JsonObject;
  readonly desiredCount?: number;
  readonly configuration?: JsonObject;
  readonly networkMode?: string;
}

const daemon = {
  schedulingStrategy: "DAEMON",
  deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 0 },
};
const classic = {
  loadBalancers: [{ loadBalancerName: "old", containerName: "app", containerPort: 80 }],
};
const breaker = { deploymentCircuitBreaker: { enable: false, rollback: false } };
const threshold = (thresholdConfiguration: JsonObject) => ({
  deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration },
});
const hook = (members: JsonObject) => ({
  lifecycleHooks: [{ lifecycleStages: ["PRE_SCALE_UP"], ...members }],
});
const early = (members: JsonObject) => ({ earlySuccessCriteria: { enable: true, ...members } });
const network = { networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } } };
const arn = "arn:aws:lambda:us-east-1:123456789012:function:check";

const examples: Readonly<
  Record<string, { readonly breaks: readonly Update[]; readonly keeps: readonly Update[] }>
> = {
  "daemon-with-desired-count": {
    breaks: [
      { service: daemon, desiredCount: 3 },
      { service: daemon, desiredCount: 0 },
    ],
    keeps: [{ service: daemon }, { desiredCount: 0 }],
  },
  "daemon-maximum-percent": {
    breaks: [{ service: daemon, configuration: { maximumPercent: 150 } }],
    keeps: [
      { service: daemon, configuration: { maximumPercent: 100 } },
      { configuration: { maximumPercent: 150 } },
    ],
  },
  "circuit-breaker-behind-classic-load-balancer": {
    breaks: [{ service: classic, configuration: breaker }],
    keeps: [
      { service: classic, configuration: { maximumPercent: 150 } },
      { configuration: breaker },
    ],
  },
  "maximum-below-minimum": {
    breaks: [{ configuration: { maximumPercent: 90, minimumHealthyPercent: 100 } }],
    keeps: [{ configuration: { maximumPercent: 100, minimumHealthyPercent: 100 } }],
  },
  "configuration-out-of-range": {
    breaks: [
      { configuration: { minimumHealthyPercent: 101 } },
      { configuration: { minimumHealthyPercent: 0, maximumPercent: 50 } },
      { configuration: threshold({ type: "COUNT", value: 0 }) },
      { configuration: { strategy: "LINEAR", linearConfiguration: { stepPercent: 2 } } },
      { configuration: { strategy: "CANARY", canaryConfiguration: { canaryPercent: 200 } } },
      {
        configuration: {
          strategy: "CANARY",
          canaryConfiguration: { canaryBakeTimeInMinutes: 1441 },
        },
      },
      {
        configuration: hook({ targetType: "PAUSE", timeoutConfiguration: { timeoutInMinutes: 0 } }),
      },
      { configuration: { bakeTimeInMinutes: -1 } },
    ],
    keeps: [
      {
        configuration: {
          strategy: "LINEAR",
          linearConfiguration: { stepPercent: 3, stepBakeTimeInMinutes: 0 },
        },
      },
      { configuration: { strategy: "CANARY", canaryConfiguration: { canaryPercent: 0.1 } } },
      { configuration: threshold({ type: "COUNT", value: 1 }) },
    ],
  },
  "configuration-unknown-value": {
    breaks: [
      { configuration: { strategy: "RECREATE" } },
      { configuration: threshold({ type: "PERCENT", value: 50 }) },
      { configuration: hook({ targetType: "PAUSE", lifecycleStages: ["BEFORE"] }) },
    ],
    keeps: [{ configuration: { strategy: "BLUE_GREEN" } }],
  },
  "strategy-without-its-configuration": {
    breaks: [
      { configuration: { linearConfiguration: { stepPercent: 10 } } },
      { configuration: { strategy: "LINEAR", canaryConfiguration: { canaryPercent: 10 } } },
      {
        configuration: {
          strategy: "BLUE_GREEN",
          ...early({ healthyPercent: 100, sourceServiceRevisionCleanup: "BLOCKING" }),
        },
      },
    ],
    keeps: [{ configuration: { strategy: "BLUE_GREEN", earlySuccessCriteria: { enable: false } } }],
  },
  "early-success-incomplete": {
    breaks: [
      { configuration: early({}) },
      { configuration: early({ healthyPercent: 50, sourceServiceRevisionCleanup: "BLOCKING" }) },
    ],
    keeps: [
      {
        configuration: {
          ...early({ healthyPercent: 50, sourceServiceRevisionCleanup: "DEFERRED" }),
          minimumHealthyPercent: 50,
        },
      },
    ],
  },
  "hook-without-function": {
    breaks: [{ configuration: hook({ targetType: "AWS_LAMBDA" }) }, { configuration: hook({}) }],
    keeps: [
      { configuration: hook({ targetType: "PAUSE" }) },
      { configuration: hook({ hookTargetArn: arn }) },
    ],
  },
  "pause-while-traffic-moves": {
    breaks: [
      { configuration: hook({ targetType: "PAUSE", lifecycleStages: ["TEST_TRAFFIC_SHIFT"] }) },
    ],
    keeps: [
      {
        configuration: hook({ targetType: "PAUSE", lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"] }),
      },
    ],
  },
  "awsvpc-without-network": {
    breaks: [{ networkMode: "awsvpc" }],
    keeps: [{ networkMode: "host" }],
  },
  "network-without-awsvpc": {
    breaks: [{ service: network, networkMode: "bridge" }],
    keeps: [{ service: network, networkMode: "awsvpc" }],
  },
};

const container = {
  name: "app",
  image: "app:1",
  memory: 64,
  portMappings: [{ containerPort: 80 }],
};

/** What the rules say of it, and whether the simulator's UpdateService throws. */
function outcomes({
  service = {},
  desiredCount,
  configuration = {},
  networkMode = "bridge",
}: Update) {
  const { call } = simulateEcs();
  const before = service["networkConfiguration"] === undefined ? "bridge" : "awsvpc";
  const definition = { family: "web", networkMode: before, containerDefinitions: [container] };
  call("RegisterTaskDefinition", definition);
  const isDaemon = service["schedulingStrategy"] === "DAEMON";
  call("CreateService", {
    ...{ cluster: "shop", serviceName: "web", taskDefinition: "web:1", launchType: "EC2" },
    ...(!isDaemon && { desiredCount: 1 }),
    ...service,
  });
  const raw = JSON.parse(
    JSON.stringify(call("DescribeServices", { cluster: "shop", services: ["web"] }).services[0]),
  ) as JsonObject;
  call("RegisterTaskDefinition", { ...definition, networkMode });
  const view = {
    service: raw,
    definition: { ...definition, networkMode },
    configuration: mergePatch(raw["deploymentConfiguration"], configuration) as JsonObject,
    requested: {
      desiredCount: desiredCount !== undefined,
      circuitBreaker: configuration["deploymentCircuitBreaker"] !== undefined,
    },
  };
  const update = () =>
    call("UpdateService", {
      ...{ cluster: "shop", service: "web", taskDefinition: "web:2", desiredCount },
      ...(Object.keys(configuration).length > 0 && { deploymentConfiguration: configuration }),
    });
  return {
    broken: findBrokenRules([...updateRules, ...compatibilityRules], view).map(({ rule }) => rule),
    update,
  };
}

test("every rule has its examples", () => {
  expect(Object.keys(examples).sort()).toEqual(
    [...updateRules, ...compatibilityRules].map(({ id }) => id).sort(),
  );
});

test.each(Object.keys(examples))("%s: both refuse what breaks it", (id) => {
  for (const [index, example] of (examples[id]?.breaks ?? []).entries()) {
    const { broken, update } = outcomes(example);
    expect([index, broken]).toEqual([index, expect.arrayContaining([id])]);
    expect(update, `${index}`).toThrow();
  }
});

test.each(Object.keys(examples))("%s: both take a near miss", (id) => {
  for (const example of examples[id]?.keeps ?? []) {
    const { broken, update } = outcomes(example);
    expect(broken).toEqual([]);
    expect(update).not.toThrow();
  }
});
