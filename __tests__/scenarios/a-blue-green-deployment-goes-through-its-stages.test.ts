import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";

test("a blue green deployment goes through its stages", async () => {
  const stage = await setStage(behindLoadBalancer({ strategy: "BLUE_GREEN" }));

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  const log = play.log.join("\n");
  for (const stageName of [
    "scale up",
    "test traffic shift",
    "production traffic shift",
    "bake time",
    "clean up",
  ])
    expect(log).toContain(stageName);
  expect(log).toContain("100 % of the traffic");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-blue-green-deployment-goes-through-its-stages.txt",
  );
});
