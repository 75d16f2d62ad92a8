import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("failed task limit triggers rollback", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1) });

  const play = await stage.play({ "fail-after-failed-tasks": "2", "on-timeout": "rollback" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TasksFailing" });
  expect(play.annotation).toContain("It was rolled back (on-timeout: rollback).");
  expect(play.calls).toContain("ecs:StopServiceDeployment");
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/failed-task-limit-triggers-rollback.txt",
  );
});
