import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the region is empty", async () => {
  const stage = await setStage();

  const play = await stage.play({ "aws-region": "" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("aws-region");
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/the-region-is-empty.txt");
});
