import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("timeout rolls back the deployment", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 30 * 60_000 }) });

  const play = await stage.play({ "wait-for-minutes": "2", "on-timeout": "rollback" });

  expect(play.outcome).toMatchObject({ outcome: "timed-out", reasonCode: "RolloutTimedOut" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("It was rolled back (on-timeout: rollback).");
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/timeout-rolls-back-the-deployment.txt",
  );
});
