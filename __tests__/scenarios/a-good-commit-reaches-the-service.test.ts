import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a good commit reaches the service", async () => {
  const stage = await setStage();

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/a-good-commit-reaches-the-service.txt");
});
