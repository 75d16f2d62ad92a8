import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("failed task limit ends the wait", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1) });

  const play = await stage.play({ "fail-after-failed-tasks": "2" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TasksFailing" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("The deployment continues in ECS.");
  expect(play.calls).not.toContain("ecs:StopServiceDeployment");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/failed-task-limit-ends-the-wait.txt",
  );
});
