import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a service named twice is updated once", async () => {
  const stage = await setStage();

  const play = await stage.play({ service: "clockko-backend\nclockko/clockko-backend" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(inputsOf(stage, "ecs:UpdateService")).toHaveLength(1);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-service-named-twice-is-updated-once.txt",
  );
});
