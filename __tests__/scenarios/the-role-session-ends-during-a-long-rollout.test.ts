import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the role session ends during a long rollout", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 25 * 60_000 }) });

  const play = await stage.play({ "role-duration-seconds": "900" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(inputsOf(stage, "sts:AssumeRoleWithWebIdentity")).toHaveLength(3);
  expect(play.calls.join("\n")).not.toContain("ExpiredToken");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-role-session-ends-during-a-long-rollout.txt",
  );
});
