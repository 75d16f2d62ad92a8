import { expect, test } from "vitest";
import type { JsonObject } from "../../../src/json.ts";
import { checkWait } from "../../../src/plan/strategy-minutes.ts";
import { service } from "../rollout/world.ts";

function warned(deploymentConfiguration: JsonObject, waitForMinutes: number, members = {}) {
  const settings = { deploymentConfiguration, force: false, other: false };
  const plan = { service: service(), settings, settled: false, ...members };
  return checkWait({ waitForMinutes, waitForServiceStability: true }, [plan]).map((finding) =>
    "message" in finding ? finding.message : "",
  );
}

test.each<[string, JsonObject, number, string]>([
  ["a bake time", { strategy: "BLUE_GREEN", bakeTimeInMinutes: 30 }, 30, "(bakeTimeInMinutes 30)"],
  [
    "linear steps, the last of which does not bake",
    { strategy: "LINEAR", linearConfiguration: { stepPercent: 20, stepBakeTimeInMinutes: 5 }, bakeTimeInMinutes: 10 },
    30,
    "(4 × stepBakeTimeInMinutes of 5 = 20 + bakeTimeInMinutes 10)",
  ],
  ["AWS's own linear steps", { strategy: "LINEAR" }, 54, "(9 × stepBakeTimeInMinutes of 6 = 54)"],
  [
    "a canary",
    { strategy: "CANARY", canaryConfiguration: { canaryBakeTimeInMinutes: 25 }, bakeTimeInMinutes: 10 },
    35,
    "(canaryBakeTimeInMinutes 25 + bakeTimeInMinutes 10)",
  ],
  [
    "a pause, rolling",
    { lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP"] }] },
    1440,
    "(PAUSE hook, at most 1440)",
  ],
])("%s: warned of up to its sum, and no further", (_, configuration, sum, told) => {
  expect(warned(configuration, sum)).toEqual([
    expect.stringContaining(`alone may take ${sum} minutes ${told}, and wait-for-minutes is ${sum}`),
  ]);
  expect(warned(configuration, sum + 1)).toEqual([]);
});

test("a rolling deployment has no bake time, and nobody waits for what is settled", () => {
  expect(warned({ bakeTimeInMinutes: 90 }, 30)).toEqual([]);
  expect(warned({ strategy: "BLUE_GREEN", bakeTimeInMinutes: 90 }, 30, { settled: true })).toEqual([]);
});
