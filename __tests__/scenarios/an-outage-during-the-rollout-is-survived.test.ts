import { healthyAfter } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("an outage during the rollout is survived", async () => {
  const stage = await setStage({
    tasks: () => healthyAfter(200_000),
    container: { healthCheck: { command: ["CMD", "true"] } },
  });
  stage.clock.schedule(30_000, () => {
    stage.simulator.faults.add("ecs:*", { kind: "reset" }, 12);
    stage.simulator.faults.add("ecs:*", { kind: "hang" }, 2);
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/an-outage-during-the-rollout-is-survived.txt",
  );
});
