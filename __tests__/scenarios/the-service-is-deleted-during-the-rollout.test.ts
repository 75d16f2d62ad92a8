import { healthyAfter } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { clockko, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the service is deleted during the rollout", async () => {
  const stage = await setStage({ tasks: () => healthyAfter(60_000) });
  stage.clock.schedule(20_000, () => stage.simulator.ecs.deleteService(clockko));

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ServiceNotActive" });
  expect(play.exitCode).toBe(1);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-service-is-deleted-during-the-rollout.txt",
  );
});
