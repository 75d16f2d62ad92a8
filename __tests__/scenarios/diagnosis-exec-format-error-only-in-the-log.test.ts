import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("exec format error only in the log", async () => {
  const stage = await setStage({
    tasks: () => exitsWith(255, { logs: ["exec /usr/local/bin/python: exec format error"] }),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('Container "app" could not be executed (exec format error)');
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-exec-format-error-only-in-the-log.txt",
  );
});
