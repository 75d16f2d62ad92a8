import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";

test("a linear deployment shifts traffic step by step", async () => {
  const linearConfiguration = { stepPercent: 25, stepBakeTimeInMinutes: 1 };
  const stage = await setStage(behindLoadBalancer({ strategy: "LINEAR", linearConfiguration }));

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  const shares = play.log.flatMap((line) => line.match(/(\d+) % of the traffic/)?.[1] ?? []);
  expect([...new Set(shares)]).toEqual(["0", "25", "50", "75", "100"]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-linear-deployment-shifts-traffic-step-by-step.txt",
  );
});
