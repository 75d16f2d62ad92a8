import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the logs of a failed task cannot be read", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1, { logs: ["unread"] }) });
  const message = "User is not authorized to perform: logs:GetLogEvents";
  stage.simulator.faults.add("logs:GetLogEvents", {
    kind: "error",
    name: "AccessDeniedException",
    message,
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("exited with code 1");
  expect(play.summary).toContain("logs:GetLogEvents");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-logs-of-a-failed-task-cannot-be-read.txt",
  );
});
