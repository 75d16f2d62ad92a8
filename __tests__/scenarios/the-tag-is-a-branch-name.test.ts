import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the tag is a branch name", async () => {
  const stage = await setStage();

  const play = await stage.play({ "image-tag": "feature/x" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('"feature-x" would do');
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/the-tag-is-a-branch-name.txt");
});
