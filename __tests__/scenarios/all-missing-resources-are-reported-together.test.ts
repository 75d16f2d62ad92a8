import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("all missing resources are reported together", async () => {
  const stage = await setStage();

  const play = await stage.play({
    "ecr-repository": "clockko-backnd",
    service: "clockko-backnd\nclockko-workr",
  });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RepositoryNotFound" });
  expect(play.exitCode).toBe(1);
  for (const name of [
    '"clockko-backnd" in us-east-1',
    '"clockko-backnd" in cluster',
    '"clockko-workr" in cluster',
  ])
    expect(play.annotation).toContain(name);
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/all-missing-resources-are-reported-together.txt",
  );
});
