import { failsToStart } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("image is built for another CPU architecture", async () => {
  const refused =
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform 'linux/arm64'";
  const stage = await setStage({
    tasks: () => failsToStart(refused, { containerReason: refused }),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    "is built for another CPU architecture: it has nothing for linux/arm64.",
  );
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-image-is-built-for-another-cpu-architecture.txt",
  );
});
