import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { cancelAfter, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the run is cancelled during the rollout", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 5 * 60_000 }) });
  stage.onCall = (call) => call === "ecs:UpdateService" && cancelAfter(stage, 30_000);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "cancelled", reasonCode: "Cancelled" });
  expect(play.exitCode).toBe(1);
  expect(play.outputs["duration-seconds"]).toBe("30");
  expect(play.annotation).toContain(
    "clockko-backend → clockko-backend:2: the deployment continues in ECS, but is not watched.",
  );
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-run-is-cancelled-during-the-rollout.txt",
  );
});
