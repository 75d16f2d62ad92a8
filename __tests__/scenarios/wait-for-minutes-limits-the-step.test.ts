// From the update on the step is over when wait-for-minutes are, whatever AWS does or does not answer; and one API that fails does not keep
// the other from telling how the rollout ends.

import type { Fault } from "ecs-simulator";
import { exitsWith, healthyAfter, runs } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { alembic, migrating } from "./support/migration.ts";
import { type Stage, type StageOptions, setStage } from "./support/stage.ts";

const minute = 60_000;
/** Last calls are given some seconds. */
const grace = 20_000;

const silences: readonly (readonly [string, Fault])[] = [
  ["never answers", { kind: "hang" }],
  ["breaks off", { kind: "reset" }],
  ["is out of order", { kind: "error", name: "ServerException", message: "Internal", status: 500 }],
  ["answers a page of a proxy", { kind: "garbage", status: 502, body: "<html>Bad Gateway</html>" }],
  ["answers nothing", { kind: "empty", operate: false }],
  ["refuses the input", { kind: "error", name: "InvalidParameterException", message: "no" }],
];
const newerApi = [
  "ecs:ListServiceDeployments",
  "ecs:DescribeServiceDeployments",
  "ecs:DescribeServiceRevisions",
];

/** After the update these calls fail permanently. */
async function failingAfterUpdate(
  calls: readonly string[],
  fault: Fault,
  options: StageOptions = {},
): Promise<Stage> {
  const stage = await setStage(options);
  stage.onCall = (call) => {
    if (call !== "ecs:UpdateService") return;
    for (const one of calls) stage.simulator.faults.add(one, fault, 1_000_000);
    stage.onCall = () => {};
  };
  return stage;
}

describe.each(silences.slice(0, 5))("AWS %s after the update", (_, fault) => {
  test("the wait ends in time, and no outcome is claimed", async () => {
    const stage = await failingAfterUpdate(["ecs:*"], fault, {
      tasks: () => healthyAfter(10 * minute),
    });
    const play = await stage.play({ "wait-for-minutes": "1" });
    expect(play.outcome).toMatchObject({
      outcome: "timed-out",
      reasonCode: "RolloutTimedOut",
      passes: false,
    });
    expect(play.annotation).toContain("AWS has given no usable answer since");
    expect(play.annotation).toContain("As far as is known, the deployment continues in ECS.");
    expect(play.summary).toMatch(/^## ⚠?.*its end is unknown/);
    expect(play.elapsedMilliseconds).toBeLessThanOrEqual(minute + grace);
  });
});

test("the rollback of on-timeout is requested in time, although nothing can be read", async () => {
  const reads = [...newerApi.slice(1), "ecs:DescribeServices"];
  const stage = await failingAfterUpdate(
    reads,
    { kind: "hang" },
    { tasks: () => healthyAfter(10 * minute) },
  );
  const play = await stage.play({ "wait-for-minutes": "2", "on-timeout": "rollback" });
  expect(inputsOf(stage, "ecs:StopServiceDeployment")).toHaveLength(1);
  expect(play.outcome).toMatchObject({ outcome: "timed-out", passes: false });
  expect(play.annotation).toContain("ECS accepted the rollback request; its result is unknown.");
  expect(play.elapsedMilliseconds).toBeLessThanOrEqual(4 * minute + grace);
});

describe.each(silences)("service deployments: the API %s", (_, fault) => {
  test.each([
    ["a good version", {}, "succeeded"],
    ["a bad version", { tasks: () => exitsWith(1) }, "rolled-back"],
  ])(
    "%s is reported from the deployments of DescribeServices",
    async (_name, options: StageOptions, truth) => {
      const stage = await failingAfterUpdate(newerApi, fault, options);
      const play = await stage.play();
      expect(play.outcome.outcome).toBe(truth);
      const notices = play.log.filter((line) =>
        line.includes("Service deployments cannot be read ("),
      );
      expect(notices).toHaveLength(1);
      expect(notices[0]).toContain("the verdict comes from the classic deployment list");
    },
  );
});

describe.each(silences)("services: DescribeServices %s", (_, fault) => {
  test.each([
    ["a good version", {}, "succeeded"],
    ["a bad version", { tasks: () => exitsWith(1) }, "rolled-back"],
  ])("%s is reported from the service deployment", async (_name, options: StageOptions, truth) => {
    const stage = await failingAfterUpdate(["ecs:DescribeServices"], fault, options);
    const play = await stage.play();
    expect(play.outcome.outcome).toBe(truth);
    expect(play.log.filter((line) => line.includes("Services cannot be read ("))).toHaveLength(1);
    expect(play.log.join("\n")).not.toContain("Running now");
  });
});

test("an API that recovers is called again", async () => {
  const stage = await failingAfterUpdate(
    newerApi,
    { kind: "hang" },
    { tasks: () => healthyAfter(2 * minute) },
  );
  stage.clock.schedule(minute, () => stage.simulator.faults.clear());
  const play = await stage.play();
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.outputs["service-deployment-arn"]).toMatch(/:service-deployment\//);
});

test("a one-off task whose state cannot be read: its own timeout applies", async () => {
  const stage = await migrating(runs());
  stage.simulator.faults.add("ecs:DescribeTasks", { kind: "hang" }, 1_000_000);
  const play = await stage.play({ ...alembic, "pre-deploy-timeout-minutes": "1" });
  expect(play.outcome.reasonCode).toBe("TaskTimedOut");
  expect(play.annotation).toContain("AWS has not answered");
  expect(play.elapsedMilliseconds).toBeLessThanOrEqual(minute + grace);
});

test("waiting for an active deployment of a service that cannot be read", async () => {
  const stage = await setStage({ tasks: () => healthyAfter(30 * minute) });
  await stage.play({ "wait-for-service-stability": "false" });
  let reads = 0;
  stage.onCall = (call) => {
    if (call === "ecs:DescribeServices" && ++reads === 2)
      stage.simulator.faults.add("ecs:DescribeServices", { kind: "hang" }, 1_000_000);
  };
  const play = await stage.play({
    "when-busy": "wait",
    "wait-for-minutes": "1",
    "image-tag": "v2",
  });
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "AwsUnavailable" });
  expect(play.elapsedMilliseconds).toBeLessThanOrEqual(minute + grace);
});
