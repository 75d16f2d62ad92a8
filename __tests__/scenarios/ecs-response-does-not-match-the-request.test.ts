// Responses that are empty or about another resource are not used: never a false success, never a deployment of nothing.

import { describe, expect, test } from "vitest";
import { inputsOf, movesOf, revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";

const empty = (operate: boolean) => ({ kind: "empty", operate }) as const;

describe("an empty response to the registration", () => {
  test("repeatedly: nothing is updated", async () => {
    const stage = await setStage();
    stage.simulator.faults.add("ecs:RegisterTaskDefinition", empty(false), 1_000);

    const play = await stage.play();

    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "AwsUnavailable" });
    expect(play.annotation).toContain("the answer is about nothing, and not about clockko-backend");
    expect(movesOf(play).filter((move) => move.includes("UpdateService"))).toEqual([]);
    expect(play.outputs["task-definition-arn"]).toBeUndefined();
  });

  test("once: the call is retried", async () => {
    const stage = await setStage();
    stage.simulator.faults.add("ecs:RegisterTaskDefinition", empty(false));
    const play = await stage.play();
    expect(play.outcome.outcome).toBe("succeeded");
    expect(revisionOf(stage)).toBe("clockko-backend:2");
  });
});

test.each([true, false])(
  "an empty response to an update that ECS accepted: %s",
  async (operate) => {
    const stage = await setStage();
    stage.simulator.faults.add("ecs:UpdateService", empty(operate));
    const play = await stage.play();
    expect(play.outcome.outcome).toBe("succeeded");
    expect(inputsOf(stage, "ecs:UpdateService")).toHaveLength(operate ? 1 : 2);
    expect(play.outputs["task-definition-arn"]).toMatch(/clockko-backend:2$/);
  },
);

test("an empty DescribeServices response is not reported as a missing service", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("ecs:DescribeServices", empty(false), 1_000);
  const play = await stage.play();
  expect(play.outcome.reasonCode).toBe("AwsUnavailable");
  expect(play.annotation).toContain("the answer says nothing of clockko-backend");
});

test("empty responses about the one-off task do not count as its end", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("ecs:RunTask", empty(true));
  stage.simulator.faults.add("ecs:DescribeTasks", empty(false), 3);
  const play = await stage.play({
    "post-deploy-command": "./warm-up",
    "pre-deploy-timeout-minutes": "1",
  });
  expect(play.annotation).toContain("did not finish within 1 min");
  expect(inputsOf(stage, "ecs:RunTask")).toHaveLength(2); // with one client token, so there is one task
});
