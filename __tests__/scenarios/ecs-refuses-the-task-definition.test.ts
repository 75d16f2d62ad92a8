import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("ecs refuses the task definition", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("ecs:RegisterTaskDefinition", {
    kind: "error",
    name: "ClientException",
    message: "Fargate requires that 'cpu' be defined at the task level.",
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "AwsRefused" });
  expect(play.annotation).toContain("Fargate requires that 'cpu'");
  expect(play.calls).not.toContain("ecs:UpdateService");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/ecs-refuses-the-task-definition.txt",
  );
});
