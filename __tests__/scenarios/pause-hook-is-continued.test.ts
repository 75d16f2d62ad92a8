import { expect, test } from "vitest";
import { byAnotherUser, deploymentsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";

test("pause hook is continued", async () => {
  const lifecycleHooks = [{ targetType: "PAUSE", lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"] }];
  const stage = await setStage(behindLoadBalancer({ strategy: "BLUE_GREEN", lifecycleHooks }));
  stage.clock.schedule(5 * 60_000, () => {
    const [newest] = deploymentsOf(stage);
    const details = byAnotherUser<{
      serviceDeployments: { lifecycleHookDetails: { hookId: string }[] }[];
    }>(stage, "DescribeServiceDeployments", {
      serviceDeploymentArns: [newest?.serviceDeploymentArn],
    });
    const hookId = details.serviceDeployments[0]?.lifecycleHookDetails[0]?.hookId;
    byAnotherUser(stage, "ContinueServiceDeployment", { ...newest, hookId });
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  const said = play.log.filter((line) => line.includes("its PAUSE hook"));
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("https://us-east-1.console.aws.amazon.com/");
  expect(said[0]).toContain(
    "    service: clockko-backend\n    answer-pause: continue # or rollback",
  );
  expect(said[0]).toMatch(
    /until 20\d\d-\d\d-\d\d \d\d:\d\d UTC \(2[34] h \d+ min left\); then ECS rolls it back/,
  );
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/pause-hook-is-continued.txt");
});
