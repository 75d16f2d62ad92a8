import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the docker engine does not answer", async () => {
  const stage = await setStage({ docker: { presence: "no-engine" } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "BuilderMissing" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("Cannot connect to the Docker daemon");
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-docker-engine-does-not-answer.txt",
  );
});
