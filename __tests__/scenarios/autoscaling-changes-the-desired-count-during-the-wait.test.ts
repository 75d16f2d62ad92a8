import { healthyAfter } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { clockko, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("autoscaling changes the desired count during the wait", async () => {
  const stage = await setStage({ tasks: () => healthyAfter(60_000), service: { desiredCount: 1 } });
  stage.clock.schedule(20_000, () => stage.simulator.ecs.setDesiredCount(clockko, 3));

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(stage.simulator.ecs.describeService(clockko).desiredCount).toBe(3);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/autoscaling-changes-the-desired-count-during-the-wait.txt",
  );
});
