import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the cluster does not exist", async () => {
  const stage = await setStage();

  const play = await stage.play({ cluster: "clokko" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ClusterNotFound" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('There is no cluster "clokko" in us-east-1');
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/the-cluster-does-not-exist.txt");
});
