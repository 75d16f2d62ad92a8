import { healthyAfter } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { byAnotherUser } from "./support/changes.ts";
import { clockko, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a newer deployment supersedes this one", async () => {
  const stage = await setStage({ tasks: () => healthyAfter(60_000) });
  stage.clock.schedule(20_000, () =>
    byAnotherUser(stage, "UpdateService", { ...clockko, taskDefinition: "clockko-backend:1" }),
  );

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "superseded", reasonCode: "RolloutSuperseded" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("clockko-backend:1");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-newer-deployment-supersedes-this-one.txt",
  );
});
