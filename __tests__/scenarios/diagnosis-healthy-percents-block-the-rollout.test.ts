import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("healthy percents block the rollout", async () => {
  const stage = await setStage({
    service: {
      desiredCount: 2,
      deploymentConfiguration: { maximumPercent: 150, minimumHealthyPercent: 100 },
    },
  });
  // With two there is room for a third; then autoscaling takes one away.
  stage.onCall = (call) => {
    if (call === "ecs:UpdateService")
      stage.simulator.ecs.setDesiredCount({ cluster: "clockko", service: "clockko-backend" }, 1);
  };

  const play = await stage.play({ "wait-for-minutes": "5" });

  expect(play.outcome).toMatchObject({ outcome: "timed-out", reasonCode: "RolloutTimedOut" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("minimumHealthyPercent does not let ECS stop an old task");
  expect(play.annotation).toContain("Let maximumPercent be 200");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-healthy-percents-block-the-rollout.txt",
  );
});
