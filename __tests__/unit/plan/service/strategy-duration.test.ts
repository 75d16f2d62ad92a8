import { describe, expect, test } from "vitest";
import type { LifecycleStage } from "../../../../src/ecs/lifecycle-stage.ts";
import type { JsonObject } from "../../../../src/json.ts";
import { checkWaitMinutes } from "../../../../src/plan/service/strategy-duration.ts";
import { service } from "../../deployment/world.ts";

function warned(
  deploymentConfiguration: JsonObject,
  waitForMinutes: number,
  members = {},
  waitUntil: LifecycleStage | undefined = undefined,
) {
  const settings = {
    deploymentConfiguration,
    members: {},
    forceNewDeployment: false,
    changed: false,
  };
  const plan = { service: service(), settings, upToDate: false, ...members };
  const inputs = { waitForMinutes, waitForServiceStability: true, waitUntil };
  return checkWaitMinutes(inputs, [plan]).map((finding) =>
    "message" in finding ? finding.message : "",
  );
}

test.each<[string, JsonObject, number, string]>([
  ["a bake time", { strategy: "BLUE_GREEN", bakeTimeInMinutes: 30 }, 30, "(bakeTimeInMinutes 30)"],
  [
    "linear steps, the last of which does not bake",
    {
      strategy: "LINEAR",
      linearConfiguration: { stepPercent: 20, stepBakeTimeInMinutes: 5 },
      bakeTimeInMinutes: 10,
    },
    30,
    "(4 × stepBakeTimeInMinutes of 5 = 20 + bakeTimeInMinutes 10)",
  ],
  ["AWS's own linear steps", { strategy: "LINEAR" }, 54, "(9 × stepBakeTimeInMinutes of 6 = 54)"],
  [
    "a canary",
    {
      strategy: "CANARY",
      canaryConfiguration: { canaryBakeTimeInMinutes: 25 },
      bakeTimeInMinutes: 10,
    },
    35,
    "(canaryBakeTimeInMinutes 25 + bakeTimeInMinutes 10)",
  ],
  [
    "a pause, rolling",
    { lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP"] }] },
    1440,
    "(PAUSE hook, at most 1440)",
  ],
])("%s: warned of up to its sum, and no further", (_, configuration, sum, reported) => {
  expect(warned(configuration, sum)).toEqual([
    expect.stringContaining(
      `alone may take ${sum} minutes ${reported}, and wait-for-minutes is ${sum}`,
    ),
  ]);
  expect(warned(configuration, sum + 1)).toEqual([]);
});

const pause = (timeoutInMinutes: number) => ({
  lifecycleHooks: [
    {
      targetType: "PAUSE",
      lifecycleStages: ["POST_SCALE_UP"],
      timeoutConfiguration: { timeoutInMinutes },
    },
  ],
});

describe("a PAUSE hook may be answered sooner, a bake time takes as long as it takes; the cure is one that the input takes", () => {
  test.each<[string, JsonObject, number, string]>([
    [
      "the bake time alone",
      { bakeTimeInMinutes: 60 },
      60,
      "would time out even if the version is good. Set wait-for-minutes to more than 60.",
    ],
    [
      "a hook that may wait until the wait is over",
      { bakeTimeInMinutes: 60, ...pause(90) },
      61,
      "may time out even if the version is good. Set wait-for-minutes to more than 150, or answer the hook sooner.",
    ],
    [
      "both",
      { bakeTimeInMinutes: 60, ...pause(90) },
      60,
      "would time out even if the version is good. Set wait-for-minutes to more than 150.",
    ],
    [
      "a hook that waits a day",
      { bakeTimeInMinutes: 5, ...pause(1440) },
      360,
      "may time out even if the version is good. Answer the hook sooner (wait-for-minutes can be 360 at most).",
    ],
    [
      "a hook that waits a day, and a bake time",
      { bakeTimeInMinutes: 60, ...pause(1440) },
      30,
      "would time out even if the version is good. Set wait-for-minutes to more than 60, and answer the hook in that time (wait-for-minutes can be 360 at most).",
    ],
    [
      "a bake time above the limit",
      { bakeTimeInMinutes: 360 },
      30,
      "would time out even if the version is good. Because wait-for-minutes can be 360 at most, set wait-for-service-stability: false, and check in ECS how the deployment ends.",
    ],
  ])("%s", (_, configuration, wait, cure) => {
    const [warning, ...others] = warned({ strategy: "BLUE_GREEN", ...configuration }, wait);
    expect(others).toEqual([]);
    expect(warning).toMatch(new RegExp(`wait-for-minutes is ${wait}: the step .*\\.$`));
    expect(warning?.split(": the step ")[1]).toBe(cure);
  });
});

test("a rolling deployment has no bake time, and a service that is up to date has no wait", () => {
  expect(warned({ bakeTimeInMinutes: 90 }, 30)).toEqual([]);
  expect(warned({ strategy: "BLUE_GREEN", bakeTimeInMinutes: 90 }, 30, { upToDate: true })).toEqual(
    [],
  );
});

test.each<[LifecycleStage, string]>([
  ["CLEAN_UP", "(canaryBakeTimeInMinutes 10 + bakeTimeInMinutes 30)"],
  ["BAKE_TIME", "(canaryBakeTimeInMinutes 10)"],
  ["PRODUCTION_TRAFFIC_SHIFT", ""],
])("what comes after the stage of wait-until does not count: %s", (stage, breakdown) => {
  const [warning = ""] = warned({ strategy: "CANARY", bakeTimeInMinutes: 30 }, 10, {}, stage);
  expect(warning.match(/\(.*?\)/)?.[0] ?? "").toBe(breakdown);
});
