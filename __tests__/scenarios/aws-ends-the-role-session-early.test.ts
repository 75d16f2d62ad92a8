import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("aws ends the role session early", async () => {
  const stage = await setStage();
  const message = "The security token included in the request is expired";
  stage.clock.schedule(20_000, () =>
    stage.simulator.faults.add("ecs:Describe*", {
      kind: "error",
      name: "ExpiredTokenException",
      message,
    }),
  );

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(inputsOf(stage, "sts:AssumeRoleWithWebIdentity")).toHaveLength(2);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/aws-ends-the-role-session-early.txt",
  );
});
