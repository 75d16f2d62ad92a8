import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { clockko, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("early success before the old tasks are stopped", async () => {
  const earlySuccessCriteria = {
    enable: true,
    healthyPercent: 50,
    sourceServiceRevisionCleanup: "DEFERRED",
  };
  const stage = await setStage({
    firstTasks: () => runs({ stopsFor: 10 * 60_000 }),
    service: {
      desiredCount: 2,
      deploymentConfiguration: { earlySuccessCriteria, minimumHealthyPercent: 50 },
    },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(stage.simulator.ecs.describeService(clockko).deployments?.length).toBeGreaterThan(1);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/early-success-before-the-old-tasks-are-stopped.txt",
  );
});
