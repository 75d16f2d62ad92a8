import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("AWS stays unreachable", async () => {
  const stage = await setStage();
  stage.simulator.faults.add(
    "ecs:DescribeServices",
    { kind: "garbage", status: 502, body: "<html>Bad Gateway" },
    1000,
  );

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "AwsUnavailable" });
  expect(play.exitCode).toBe(1);
  expect(play.elapsedMilliseconds).toBeLessThanOrEqual(60_000);
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/aws-stays-unreachable.txt");
});
