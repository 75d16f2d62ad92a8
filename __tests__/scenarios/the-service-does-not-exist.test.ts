import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the service does not exist", async () => {
  const stage = await setStage();

  const play = await stage.play({ service: "clockko-backnd" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ServiceNotFound" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    'no active service "clockko-backnd" in cluster "clockko" (us-east-1)',
  );
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/the-service-does-not-exist.txt");
});
