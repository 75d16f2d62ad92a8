import { putTaskRole } from "ecs-simulator/iam";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("execution role cannot read the secret", async () => {
  const stage = await setStage();
  const secretArn = stage.simulator.secretsManager.put(
    "clockko/database-url",
    "postgresql://app:hush@db/clockko",
  );
  const pullAndLog = ["ecr:*", "logs:*"];
  putTaskRole(stage.simulator, "clockko-execution", [
    { Statement: { Effect: "Allow", Action: pullAndLog, Resource: "*" } },
  ]);

  const play = await stage.play({ secrets: `DATABASE_URL=${secretArn}` });

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toMatch(
    /Role clockko-execution may not read secret clockko\/database-url-\w{6}\./,
  );
  expect(play.annotation).toContain(
    "secretsmanager:GetSecretValue on the secret to the task's execution role (not the task role)",
  );
  expect(play.annotation).toContain("Running now: clockko-backend:1 (1 of 1 tasks)");
  expect(JSON.stringify([play.log, play.summary, play.annotation, play.outputs])).not.toContain(
    "hush",
  );
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-execution-role-cannot-read-the-secret.txt",
  );
});
