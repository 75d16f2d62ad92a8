import { expect, test } from "vitest";
import { inputsOf, movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the service uses the CodeDeploy controller", async () => {
  const stage = await setStage({ service: { deploymentController: { type: "CODE_DEPLOY" } } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ControllerUnsupported" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("CODE_DEPLOY");
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-service-uses-the-code-deploy-controller.txt",
  );
});

test("service-patch moves it to the ECS controller in the same deployment", async () => {
  const stage = await setStage({ service: { deploymentController: { type: "CODE_DEPLOY" } } });

  const play = await stage.play({ "service-patch": "deploymentController: {type: ECS}" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", passes: true });
  expect(inputsOf(stage, "ecs:UpdateService")).toMatchObject([
    {
      taskDefinition: "arn:aws:ecs:us-east-1:123456789012:task-definition/clockko-backend:2",
      deploymentController: { type: "ECS" },
    },
  ]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-service-moves-from-code-deploy-to-ecs.txt",
  );
});

test("an EXTERNAL service is not moved", async () => {
  const stage = await setStage({ service: { deploymentController: { type: "EXTERNAL" } } });

  const play = await stage.play({ "service-patch": "deploymentController: {type: ECS}" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ControllerUnsupported" });
  expect(movesOf(play)).toEqual([]);
});
