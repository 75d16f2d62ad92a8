import { failsToStart } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const missing =
  "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: " +
  'runc create failed: unable to start container process: exec: "gunicorn": executable file not found in $PATH: unknown';

test("the command is not in the image", async () => {
  const stage = await setStage({
    tasks: () => failsToStart("Task failed to start", { containerReason: missing }),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    'Container "app" was not started: its command "gunicorn" is not in the image.',
  );
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-the-command-is-not-in-the-image.txt",
  );
});
