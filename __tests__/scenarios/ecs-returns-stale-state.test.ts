import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("ECS returns stale state", async () => {
  const stage = await setStage();
  stage.simulator.ecs.setConsistencyDelay(15_000);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/ecs-returns-stale-state.txt");
});
