import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the build fails", async () => {
  const buildFails = [
    "Step 2/6 : WORKDIR /app",
    " ---> Using cache",
    "Step 3/6 : COPY requirements.txt .",
    "Step 4/6 : RUN pip install -r requirements.txt",
    "ERROR: No matching distribution found for fastapi==9.9.9",
    "The command '/bin/sh -c pip install -r requirements.txt' returned a non-zero code: 1",
  ];
  const stage = await setStage({
    docker: { buildFails, duringBuild: () => stage.clock.advance(12_000) },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "BuildFailed" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("No matching distribution found for fastapi==9.9.9");
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/the-build-fails.txt");
});
