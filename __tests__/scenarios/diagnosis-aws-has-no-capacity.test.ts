import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("aws has no capacity", async () => {
  const stage = await setStage();
  stage.simulator.ecs.failPlacement(
    "clockko-backend",
    "Capacity is unavailable at this time. Please try again later",
  );

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("AWS has no capacity for this task right now.");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-aws-has-no-capacity.txt",
  );
});
