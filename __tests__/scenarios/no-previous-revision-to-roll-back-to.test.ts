import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("no previous revision to roll back to", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1), firstTasks: () => exitsWith(1) });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RollbackFailed" });
  expect(play.exitCode).toBe(1);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/no-previous-revision-to-roll-back-to.txt",
  );
});
