import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("there is no commit to name the image after", async () => {
  const stage = await setStage({ commit: "" });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.exitCode).toBe(1);
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/there-is-no-commit-to-name-the-image-after.txt",
  );
});
