import { exitsWith, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { inputsOf, revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("migration: it succeeds, and then the service is updated", async () => {
  const stage = await setStage({
    tasks: (launch) =>
      launch.serviceName === undefined
        ? exitsWith(0, {
            after: 5_000,
            logs: ["INFO  Context impl PostgresqlImpl.", "INFO  Running upgrade -> ae1027a6acf"],
          })
        : runs(),
  });

  const play = await stage.play({ "pre-deploy-command": "alembic upgrade head" });

  expect(play.outcome).toMatchObject({
    outcome: "succeeded",
    tasks: [{ moment: "pre-deploy", exitCode: 0, succeeded: true }],
  });
  expect(play.exitCode).toBe(0);
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  const [run, ...others] = inputsOf(stage, "ecs:RunTask");
  expect(others).toEqual([]);
  expect(run).toMatchObject({
    taskDefinition: expect.stringMatching(/task-definition\/clockko-backend:2$/),
    launchType: "FARGATE",
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    },
    overrides: { containerOverrides: [{ name: "app", command: ["alembic", "upgrade", "head"] }] },
    startedBy: "deploy-ecs/42/1",
    count: 1,
    propagateTags: "TASK_DEFINITION",
  });
  const order = play.calls.map((call) => call.replace(/ .*/, ""));
  expect(order.indexOf("ecs:RunTask")).toBeLessThan(order.indexOf("ecs:UpdateService"));
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/migration-success.txt");
});
