import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { denyServiceDeployments } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("no permission to read service deployments, failed rollout", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1, { logs: ["no database"] }) });
  denyServiceDeployments(stage);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("tasks failed to start");
  expect(play.annotation).toContain("no database");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/no-permission-to-read-service-deployments-failed-rollout.txt",
  );
});
