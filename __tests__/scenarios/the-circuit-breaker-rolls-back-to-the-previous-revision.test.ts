import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the circuit breaker rolls back to the previous revision", async () => {
  const logs = [
    "Connecting to db.internal:5432 …",
    'FATAL: password authentication failed for user "clockko"',
  ];
  const stage = await setStage({ tasks: () => exitsWith(1, { logs }) });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  expect(play.annotation).toContain("exited with code 1");
  expect(play.annotation).toContain(logs[1]);
  expect(play.summary).toContain(logs[1]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-circuit-breaker-rolls-back-to-the-previous-revision.txt",
  );
});
