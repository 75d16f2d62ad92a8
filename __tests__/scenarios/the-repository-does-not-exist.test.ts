import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the repository does not exist", async () => {
  const stage = await setStage();

  const play = await stage.play({ "ecr-repository": "clockko-backnd" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RepositoryNotFound" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("aws ecr create-repository");
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-repository-does-not-exist.txt",
  );
});
