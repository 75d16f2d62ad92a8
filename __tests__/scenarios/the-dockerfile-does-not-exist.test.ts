import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the dockerfile does not exist", async () => {
  const stage = await setStage();
  stage.surroundings.kindOf = (path) => (path === "backend" ? "folder" : "nothing");

  const play = await stage.play({ context: "backend" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('"backend/Dockerfile"');
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-dockerfile-does-not-exist.txt",
  );
});
