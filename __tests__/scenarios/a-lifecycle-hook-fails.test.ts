import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";

test("a lifecycle hook fails", async () => {
  const lambda = "arn:aws:lambda:us-east-1:123456789012:function:check";
  const lifecycleHooks = [
    {
      hookTargetArn: lambda,
      roleArn: "arn:aws:iam::123456789012:role/hook",
      lifecycleStages: ["PRE_SCALE_UP"],
    },
  ];
  const stage = await setStage(behindLoadBalancer({ strategy: "BLUE_GREEN", lifecycleHooks }));
  stage.simulator.ecs.setHookResults(lambda, { status: "FAILED" });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.annotation).toContain("PRE_SCALE_UP");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/a-lifecycle-hook-fails.txt");
});
