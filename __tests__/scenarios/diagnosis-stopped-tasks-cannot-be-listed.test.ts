import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("stopped tasks cannot be listed", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1) });
  const message = "User is not authorized to perform: ecs:ListTasks";
  stage.simulator.faults.add(
    "ecs:ListTasks",
    { kind: "error", name: "AccessDeniedException", message },
    9,
  );

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("ECS reported no cause, and some evidence could not be read.");
  expect(play.outcome.services[0]?.diagnosis?.missing).toEqual([
    expect.stringContaining('stopped tasks: not allowed. Allow the action "ecs:ListTasks"'),
  ]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-stopped-tasks-cannot-be-listed.txt",
  );
});
