// `post-deploy-command`: once the service is good, and only then.

import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { inputsOf, revisionOf } from "./support/changes.ts";
import { alembic, migrating, oneOffTasks } from "./support/migration.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const warm = { "post-deploy-command": '["python", "-m", "clockko.warm"]' };

test("migration: after the deployment, successful", async () => {
  const stage = await migrating(exitsWith(0, { logs: ["warm"] }));
  const play = await stage.play({ ...alembic, ...warm });
  expect(play.outcome).toMatchObject({
    outcome: "succeeded",
    tasks: [
      { moment: "pre-deploy", succeeded: true },
      { moment: "post-deploy", succeeded: true, command: ["python", "-m", "clockko.warm"] },
    ],
  });
  const moves = play.calls.filter((call) => /RunTask|UpdateService/.test(call));
  expect(moves).toEqual(["ecs:RunTask", "ecs:UpdateService", "ecs:RunTask"]);
  const [before, after] = inputsOf(stage, "ecs:RunTask");
  expect(before?.["clientToken"]).not.toBe(after?.["clientToken"]);
});

test("migration: after the deployment, failed: the step fails and says that the service is deployed", async () => {
  const stage = await migrating(exitsWith(1, { logs: ["no route to cache"] }));
  const play = await stage.play(warm);
  expect(play.outcome).toMatchObject({
    outcome: "failed",
    reasonCode: "TaskFailed",
    services: [{ outcome: "succeeded" }],
  });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    "The service itself is fine: clockko-backend runs clockko-backend:2.",
  );
  expect(play.summary).toMatch(
    /^## ❌ Deployed clockko-backend:2 to clockko-backend, but: post-deploy task failed\n/,
  );
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/migration-after-the-deployment-fails.txt",
  );
});

test("migration: after a failed one, the same job runs only the task again", async () => {
  let exitCode = 1;
  const stage = await migrating(() => exitsWith(exitCode));
  await stage.play({ ...alembic, ...warm, "pre-deploy-command": "" });
  exitCode = 0;
  stage.environment = { ...stage.environment, GITHUB_RUN_ATTEMPT: "2" };
  const play = await stage.play({ ...alembic, ...warm });
  expect(play.outcome).toMatchObject({
    outcome: "unchanged",
    tasks: [{ moment: "post-deploy", succeeded: true }],
  });
  expect(play.calls.filter((call) => /RunTask|UpdateService/.test(call))).toEqual(["ecs:RunTask"]);
});

test("migration: not after a deployment that was rolled back", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1) });
  const play = await stage.play(warm);
  expect(play.outcome.outcome).toBe("rolled-back");
  expect(oneOffTasks(stage)).toEqual([]);
});

test("migration: not during a rollback", async () => {
  const stage = await migrating(exitsWith(0));
  await stage.play();
  const play = await stage.play({ ...alembic, ...warm, rollback: "true" });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  expect(oneOffTasks(stage)).toEqual([]);
});

test("migration: not in a dry run", async () => {
  const stage = await migrating(exitsWith(0));
  const play = await stage.play({ ...alembic, ...warm, "dry-run": "true" });
  expect(play.outcome.outcome).toBe("planned");
  expect(oneOffTasks(stage)).toEqual([]);
});
