import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("an unexpected error is reported as a bug", async () => {
  const stage = await setStage();
  stage.surroundings.kindOf = () => {
    throw new TypeError("kaboom");
  };

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "Bug" });
  expect(play.annotation).toContain("kaboom");
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/an-unexpected-error-is-reported-as-a-bug.txt",
  );
});
