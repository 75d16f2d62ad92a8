import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("parallel jobs register the same family", async () => {
  const stage = await setStage();
  const { faults } = stage.simulator;
  const message = "Too many concurrent attempts to create a new revision of the specified family.";
  faults.add("ecs:RegisterTaskDefinition", { kind: "error", name: "ClientException", message }, 3);
  const throttled = {
    kind: "error",
    name: "ThrottlingException",
    message: "Rate exceeded",
  } as const;
  faults.add("ecs:RegisterTaskDefinition", throttled, 2);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(play.outputs["task-definition-arn"]).toMatch(/clockko-backend:2$/);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/parallel-jobs-register-the-same-family.txt",
  );
});
