import { expect, test } from "vitest";
import { deploymentsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the response to the update is lost", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("ecs:UpdateService", { kind: "lost", operate: true });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(deploymentsOf(stage)).toHaveLength(2);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-response-to-the-update-is-lost.txt",
  );
});
