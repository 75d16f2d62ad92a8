import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a second run joins the deployment in progress", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 2 * 60_000 }) });
  const first = await stage.play({ "wait-for-minutes": "1" });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(play.outputs["deployment-id"]).toBe(first.outputs["deployment-id"]);
  expect(play.outputs["previous-task-definition-arn"]).toMatch(/clockko-backend:1$/);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-second-run-joins-the-deployment-in-progress.txt",
  );
});
