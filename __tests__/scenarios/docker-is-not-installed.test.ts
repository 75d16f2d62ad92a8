import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("docker is not installed", async () => {
  const stage = await setStage({ docker: { presence: "none" } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "BuilderMissing" });
  expect(play.exitCode).toBe(1);
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/docker-is-not-installed.txt");
});
