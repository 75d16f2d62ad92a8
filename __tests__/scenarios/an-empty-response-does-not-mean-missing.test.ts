// An empty response with status 200 shows neither existence nor absence. The call is retried, and the resource is never reported as missing.

import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";

const empty = { kind: "empty", operate: false } as const;

const answers = [
  { call: "oidc:GET /_oidc/token", name: "GitHub's OIDC token endpoint", lacks: "value" },
  { call: "ecr:DescribeRepositories", lacks: "repositories" },
  { call: "ecr:DescribeImages", lacks: "imageDetails" },
  { call: "ecr:GetAuthorizationToken", lacks: "authorizationData" },
  { call: "ecr:BatchGetImage", lacks: "images" },
  { call: "ecr:PutImage", lacks: "image" },
];

test.each(answers)("$call, once: the call is retried", async ({ call }) => {
  const stage = await setStage();
  stage.simulator.faults.add(call, empty);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(stage.simulator.ecr.repositories.tags("clockko-backend")).toHaveProperty(
    "latest",
    play.outputs["image-digest"],
  );
});

test.each(answers)(
  "$call, repeatedly: the empty response is reported",
  async ({ call, name = call, lacks }) => {
    const stage = await setStage();
    stage.simulator.faults.add(call, empty, 1_000);

    const play = await stage.play();

    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "AwsUnavailable" });
    expect(play.annotation).toContain(
      `${name} still failed after several attempts: the answer has no ${lacks}`,
    );
    expect(play.annotation).not.toMatch(/not exist|not found|no repository/i);
    expect(movesOf(play).filter((move) => move.startsWith("ecs:"))).toEqual([]);
  },
);

test("logs:DescribeLogGroups: the check of the group is skipped, and the deployment succeeds", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("logs:DescribeLogGroups", empty, 1_000);
  const play = await stage.play();
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log.join("\n")).toMatch(/Not checked: .*the answer has no logGroups/);
});

test("logs:GetLogEvents: the log tail is reported as unavailable, not as empty", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1, { logs: ["no queue"] }) });
  stage.simulator.faults.add("logs:GetLogEvents", empty, 1_000);
  const play = await stage.play();
  expect(play.outcome.outcome).toBe("rolled-back");
  expect(play.summary).toContain("the answer has no events");
});
