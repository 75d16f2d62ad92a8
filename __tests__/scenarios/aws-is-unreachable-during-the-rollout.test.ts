import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("AWS is unreachable during the rollout", async () => {
  const stage = await setStage();
  stage.onCall = (call) => {
    if (call === "ecs:UpdateService")
      for (const read of ["ecs:DescribeServiceDeployments", "ecs:DescribeServices"])
        stage.simulator.faults.add(read, { kind: "reset" }, 10_000);
  };

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "WatchInterrupted" });
  expect(play.annotation).toContain("As far as is known, it continues in ECS, but is not watched.");
  expect(play.elapsedMilliseconds).toBeGreaterThan(4.5 * 60_000);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/aws-is-unreachable-during-the-rollout.txt",
  );
});
