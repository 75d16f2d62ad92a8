import { failsToStart } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("unknown stopped reason is shown verbatim", async () => {
  const stage = await setStage({
    tasks: () => failsToStart("QuantumError: the task is both running and stopped"),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    "3 tasks of this deployment stopped: QuantumError: the task is both running and stopped",
  );
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-unknown-stopped-reason-is-shown-verbatim.txt",
  );
});
