// However the start goes, there is one task.

import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { alembic, migrating, oneOffTasks } from "./support/migration.ts";

const good = exitsWith(0, { after: 5_000, logs: ["done"] });

test("migration: the response of RunTask is lost; the call is retried with the same client token", async () => {
  const stage = await migrating(good);
  stage.simulator.faults.add("ecs:RunTask", { kind: "lost", operate: true });
  stage.simulator.faults.add("ecs:RunTask", { kind: "half", operate: true });
  const play = await stage.play(alembic);
  expect(play.outcome.outcome).toBe("succeeded");
  const runs = inputsOf(stage, "ecs:RunTask");
  expect(runs).toHaveLength(3);
  expect(new Set(runs.map(({ clientToken }) => clientToken)).size).toBe(1);
  expect(String(runs[0]?.["clientToken"])).toMatch(/^[!-~]{1,64}$/);
  expect(oneOffTasks(stage)).toHaveLength(1);
});

test("migration: throttled at first", async () => {
  const stage = await migrating(good);
  const message = "Rate exceeded";
  stage.simulator.faults.add(
    "ecs:RunTask",
    { kind: "error", name: "ThrottlingException", message },
    3,
  );
  expect((await stage.play(alembic)).outcome.outcome).toBe("succeeded");
  expect(oneOffTasks(stage)).toHaveLength(1);
});

test("migration: DescribeTasks does not find the task for some seconds", async () => {
  const stage = await migrating(good);
  stage.simulator.ecs.setTaskDelay(30_000);
  expect((await stage.play(alembic)).outcome.outcome).toBe("succeeded");
});

test("migration: DescribeTasks never finds the task: that is a failure", async () => {
  const stage = await migrating(good);
  stage.simulator.ecs.setTaskDelay(3_600_000);
  const play = await stage.play(alembic);
  expect(play.outcome.reasonCode).toBe("TaskFailed");
  expect(play.annotation).toMatch(
    /does not exist in ECS .*it is unknown how it ended.*\nIt was started as arn:/,
  );
  expect(play.elapsedMilliseconds).toBeLessThan(130_000);
});

test("migration: another attempt of the same run is another task", async () => {
  const stage = await migrating(exitsWith(1));
  await stage.play(alembic);
  stage.environment = { ...stage.environment, GITHUB_RUN_ATTEMPT: "2" };
  await stage.play(alembic);
  const tokens = inputsOf(stage, "ecs:RunTask").map(({ clientToken }) => clientToken);
  expect(new Set(tokens).size).toBe(2);
  expect(oneOffTasks(stage)).toHaveLength(2);
});

test("migration: AWS is unreachable for three minutes while the task runs", async () => {
  const stage = await migrating(exitsWith(0, { after: 60_000 }));
  stage.simulator.faults.add("ecs:DescribeTasks", { kind: "reset" }, 15);
  expect((await stage.play(alembic)).outcome.outcome).toBe("succeeded");
});

test("migration: AWS stays unreachable: the task continues unwatched, and the service is unchanged", async () => {
  const stage = await migrating(exitsWith(0, { after: 60_000 }));
  stage.simulator.faults.add("ecs:DescribeTasks", { kind: "reset" }, 1_000);
  const play = await stage.play(alembic);
  expect(play.outcome.reasonCode).toBe("AwsUnavailable");
  expect(play.annotation).toMatch(
    /was running: arn:aws:ecs:.*\nIt keeps running in ECS, unwatched\. The service was not touched/,
  );
  expect(play.calls.join("\n")).not.toContain("UpdateService");
});

test("migration: the task uses the service's capacity providers and platform", async () => {
  const capacityProviderStrategy = [
    { capacityProvider: "FARGATE", base: 1, weight: 1 },
    { capacityProvider: "FARGATE_SPOT", weight: 3 },
  ];
  const stage = await migrating(good, {
    service: { launchType: undefined, capacityProviderStrategy, platformVersion: "1.4.0" },
  });
  await stage.play(alembic);
  const [run] = inputsOf(stage, "ecs:RunTask");
  expect(run).toMatchObject({ platformVersion: "1.4.0" });
  expect(run?.["capacityProviderStrategy"]).toMatchObject(capacityProviderStrategy);
  expect(run).not.toHaveProperty("launchType");
  expect(run).not.toHaveProperty("enableExecuteCommand");
});
