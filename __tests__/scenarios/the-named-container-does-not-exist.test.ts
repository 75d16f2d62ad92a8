import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the named container does not exist", async () => {
  const stage = await setStage();

  const play = await stage.play({ "container-name": "backend" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ContainerNotFound" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('no container "backend"; it has "app"');
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-named-container-does-not-exist.txt",
  );
});
