import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";

test("pause hook times out", async () => {
  const lifecycleHooks = [
    {
      targetType: "PAUSE",
      lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"],
      timeoutConfiguration: { timeoutInMinutes: 10, action: "ROLLBACK" },
    },
  ];
  const stage = await setStage(behindLoadBalancer({ strategy: "BLUE_GREEN", lifecycleHooks }));

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/pause-hook-times-out.txt");
});
