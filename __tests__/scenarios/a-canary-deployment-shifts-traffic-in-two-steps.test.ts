import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";

test("a canary deployment shifts traffic in two steps", async () => {
  const canaryConfiguration = { canaryPercent: 10, canaryBakeTimeInMinutes: 3 };
  const stage = await setStage(behindLoadBalancer({ strategy: "CANARY", canaryConfiguration }));

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  const shares = play.log.flatMap((line) => line.match(/(\d+) % of the traffic/)?.[1] ?? []);
  expect([...new Set(shares)]).toEqual(["0", "10", "100"]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-canary-deployment-shifts-traffic-in-two-steps.txt",
  );
});
