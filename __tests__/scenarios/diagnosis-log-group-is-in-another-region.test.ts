import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("log group is in another region", async () => {
  const options = {
    "awslogs-group": "/ecs/clockko-backend",
    "awslogs-region": "eu-central-1",
    "awslogs-stream-prefix": "app",
  };
  const stage = await setStage({
    container: { logConfiguration: { logDriver: "awslogs", options } },
    tasks: () => exitsWith(1),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    "they are in another region (eu-central-1), log group /ecs/clockko-backend",
  );
  expect(play.calls).not.toContain("logs:GetLogEvents");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-log-group-is-in-another-region.txt",
  );
});
