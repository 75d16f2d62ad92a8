import { healthyAfter } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { byAnotherUser } from "./support/changes.ts";
import { clockko, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("superseded deployment is tolerated", async () => {
  const stage = await setStage({ tasks: () => healthyAfter(60_000) });
  stage.clock.schedule(20_000, () =>
    byAnotherUser(stage, "UpdateService", { ...clockko, taskDefinition: "clockko-backend:1" }),
  );

  const play = await stage.play({ "on-superseded": "warn" });

  expect(play.outcome).toMatchObject({
    outcome: "superseded",
    reasonCode: "RolloutSuperseded",
    passes: true,
  });
  expect(play.exitCode).toBe(0);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/superseded-deployment-is-tolerated.txt",
  );
});
