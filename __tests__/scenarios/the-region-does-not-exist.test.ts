import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the region does not exist", async () => {
  const stage = await setStage();
  stage.surroundings.hostExists = async (host) => host === "sts.us-east-1.amazonaws.com";

  const play = await stage.play({ "aws-region": "us-eats-1" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('got "us-eats-1"');
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/the-region-does-not-exist.txt");
});
