import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("wait disabled", async () => {
  const stage = await setStage();

  const play = await stage.play({ "wait-for-service-stability": "false" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "NotWatched" });
  expect(play.exitCode).toBe(0);
  expect(play.elapsedMilliseconds).toBe(0);
  expect(play.calls.at(-1)).toBe("ecs:UpdateService");
  expect(play.summary).not.toContain("✅");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/wait-disabled.txt");
});
