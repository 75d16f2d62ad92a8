// The command of pre-deploy-command does not end well: whatever the way, the service is untouched.

import { exitsWith, hostTerminated, outOfMemory, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { byAnotherUser } from "./support/changes.ts";
import { alembic, isUntouched, migrating, oneOffTasks } from "./support/migration.ts";
import { transcript } from "./support/transcript.ts";

test("migration: it exits with 1; the annotation has the code and the last lines", async () => {
  const logs = [
    "INFO  Running upgrade 1 -> 2, add owner",
    'ERROR: column "owner" of relation "entries" already exists',
  ];
  const stage = await migrating(exitsWith(1, { logs }));

  const play = await stage.play(alembic);

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TaskFailed" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toMatch(
    /^TaskFailed\nThe pre-deploy task \(alembic upgrade head\) failed with exit code 1\./,
  );
  expect(play.annotation).toContain('"owner" of relation "entries" already exists');
  expect(play.annotation).toContain(
    "The service was not touched: clockko-backend runs clockko-backend:1.",
  );
  expect(isUntouched(stage, play)).toBe(true);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/migration-fails.txt");
});

test("migration: it runs out of memory", async () => {
  const stage = await migrating(outOfMemory());
  const play = await stage.play(alembic);
  expect(play.annotation).toMatch(/failed with exit code 137\.\nContainer "app" ran out of memory/);
  expect(isUntouched(stage, play)).toBe(true);
});

test("migration: the host is terminated; a missing exit code is a failure", async () => {
  const stage = await migrating(hostTerminated({ after: 20_000 }));
  const play = await stage.play(alembic);
  expect(play.outcome.reasonCode).toBe("TaskFailed");
  expect(play.annotation).toContain(
    "has no exit code, so it is unknown whether the command finished",
  );
  expect(play.annotation).toMatch(/instance/);
  expect(isUntouched(stage, play)).toBe(true);
});

test("migration: it is stopped manually and still exits with 0", async () => {
  const stage = await migrating(runs());
  void stage.clock.sleep(45_000).then(() => {
    for (const { taskArn } of oneOffTasks(stage))
      byAnotherUser(stage, "StopTask", { cluster: "clockko", task: taskArn });
  });
  const play = await stage.play(alembic);
  expect(play.outcome.reasonCode).toBe("TaskFailed");
  expect(play.annotation).toMatch(
    /was stopped and exited with code 0, so .*\nAnother user or process stopped the task/,
  );
  expect(isUntouched(stage, play)).toBe(true);
});

test("migration: it times out and is left running, unwatched", async () => {
  const stage = await migrating(runs({ logs: ["waiting for AccessExclusiveLock on entries"] }));

  const play = await stage.play({ ...alembic, "pre-deploy-timeout-minutes": "3" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TaskTimedOut" });
  expect(play.elapsedMilliseconds).toBeGreaterThanOrEqual(3 * 60_000);
  expect(play.elapsedMilliseconds).toBeLessThan(3 * 60_000 + 10_000);
  expect(play.annotation).toContain(
    "did not finish within 3 min. It is RUNNING and was not stopped",
  );
  expect(play.annotation).toMatch(
    /aws ecs stop-task --cluster clockko --task arn:aws:ecs:.*:task\/clockko\//,
  );
  expect(play.annotation).toContain("waiting for AccessExclusiveLock");
  expect(play.calls.join("\n")).not.toContain("StopTask");
  expect(oneOffTasks(stage)).toMatchObject([{ lastStatus: "RUNNING", desiredStatus: "RUNNING" }]);
  expect(isUntouched(stage, play)).toBe(true);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/migration-times-out.txt");
});
