import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { byAnotherUser, deploymentsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("deployment is aborted manually", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 5 * 60_000 }) });
  stage.clock.schedule(30_000, () => {
    const [newest] = deploymentsOf(stage);
    byAnotherUser(stage, "StopServiceDeployment", { ...newest, stopType: "ABORT" });
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RolloutStopped" });
  expect(play.exitCode).toBe(1);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/deployment-is-aborted-manually.txt",
  );
});
