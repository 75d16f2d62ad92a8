import { exitsWith, healthyAfter, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a rollout of twelve tasks goes in steps, and its summary has a chart", async () => {
  let started = 0;
  const stage = await setStage({
    service: {
      desiredCount: 12,
      deploymentConfiguration: { maximumPercent: 125, minimumHealthyPercent: 100 },
    },
    container: { healthCheck: { command: ["CMD-SHELL", "curl -f http://localhost/health"] } },
    tasks: ({ revision }) => {
      if (revision === 1) return runs();
      started += 1;
      if (started === 5) return exitsWith(1);
      return healthyAfter(40_000, { pullsFor: 11_000 });
    },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-rollout-of-twelve-tasks-goes-in-steps.txt",
  );
});
