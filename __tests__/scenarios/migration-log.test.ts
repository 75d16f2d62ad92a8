// The log of the task: live where it can be had; where not, one notice and the same verdict.

import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { alembic, migrating, oneOffTasks } from "./support/migration.ts";
import type { Play } from "./support/stage.ts";

const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
const noticesOf = ({ log }: Play) =>
  log.filter((line) => line.startsWith("  notice:") && line.includes("log lines from container"));
const shown = ({ log }: Play) =>
  log.filter((line) => line.startsWith("    | ")).map((line) => line.slice(6));

test("migration: its log lines are shown while it runs, each once and in order", async () => {
  const stage = await migrating(exitsWith(0, { after: 30_000, logs: lines }));
  const play = await stage.play(alembic);
  expect(shown(play)).toEqual(lines);
  const stopped = play.log.findIndex((line) => line.includes("task DEPROVISIONING"));
  expect(play.log.findIndex((line) => line.includes("| line 40"))).toBeLessThan(stopped);
  expect(noticesOf(play)).toEqual([]);
});

test("migration: log lines that arrive after its end are shown", async () => {
  const stage = await migrating(exitsWith(3, { after: 1_000, logs: ["first"] }));
  let late = false;
  stage.onCall = (call) => {
    const [task] = call === "ecs:DescribeTasks" && !late ? oneOffTasks(stage) : [];
    if (task?.lastStatus !== "STOPPED") return;
    late = true;
    const stream = `app/app/${task.taskArn.split("/").at(-1)}`;
    const write = () =>
      stage.simulator.logs.put("/ecs/clockko-backend", stream, "the very last line");
    void stage.clock.sleep(1_000).then(write);
  };
  const play = await stage.play(alembic);
  expect(shown(play)).toEqual(["first", "the very last line"]);
  expect(play.annotation).toContain("the very last line");
});

test("migration: the role may not read the log", async () => {
  const denied = {
    kind: "error",
    name: "AccessDeniedException",
    message: "not authorized to perform: logs:GetLogEvents",
  } as const;
  const stage = await migrating(exitsWith(1, { logs: lines }));
  stage.simulator.faults.add("logs:GetLogEvents", denied, 1_000);
  const play = await stage.play(alembic);
  expect(noticesOf(play)).toHaveLength(1);
  expect(noticesOf(play)[0]).toContain(
    "Allow logs:GetLogEvents on arn:aws:logs:us-east-1:*:log-group:/ecs/clockko-backend:*",
  );
  expect(play.outcome.reasonCode).toBe("TaskFailed");
  expect(play.annotation).toMatch(
    /exit code 1\.[\s\S]*No log lines are available: this role is not allowed to read it/,
  );
});

test("migration: the log becomes unavailable while it is read", async () => {
  const stage = await migrating(exitsWith(0, { after: 60_000, logs: lines }));
  const gone = {
    kind: "error",
    name: "ResourceNotFoundException",
    message: "The specified log stream does not exist.",
  } as const;
  let seen = 0;
  stage.onCall = (call) => {
    if (call === "logs:GetLogEvents" && ++seen === 8)
      stage.simulator.faults.add("logs:GetLogEvents", gone, 1_000);
  };
  const play = await stage.play(alembic);
  expect(noticesOf(play)).toHaveLength(1);
  expect(noticesOf(play)[0]).toContain("its stream in log group /ecs/clockko-backend was deleted");
  expect(play.outcome.outcome).toBe("succeeded");
});

test.each([
  ["never answers", { kind: "hang" }],
  ["breaks off again and again", { kind: "reset" }],
] as const)("migration: the log %s", async (_, fault) => {
  const stage = await migrating(exitsWith(0, { after: 20_000, logs: lines }));
  stage.simulator.faults.add("logs:GetLogEvents", fault, 1_000);
  const play = await stage.play(alembic);
  expect(noticesOf(play)).toHaveLength(1);
  expect(play.outcome.outcome).toBe("succeeded");
});

test("migration: it does not log to CloudWatch", async () => {
  const stage = await migrating(exitsWith(2, { logs: lines }), {
    container: { logConfiguration: undefined },
  });
  const play = await stage.play(alembic);
  expect(noticesOf(play)).toEqual([
    expect.stringContaining("it does not log to CloudWatch (no logConfiguration)"),
  ]);
  expect(play.annotation).toContain("failed with exit code 2.");
});

test("migration: without a prefix the stream has the container's runtime id", async () => {
  const options = { "awslogs-group": "/ecs/clockko-backend", "awslogs-region": "us-east-1" };
  const stage = await migrating(exitsWith(0, { after: 20_000, logs: lines }), {
    container: { logConfiguration: { logDriver: "awslogs", options } },
    taskDefinition: { requiresCompatibilities: ["EC2"] },
    service: { launchType: "EC2" },
  });
  expect(shown(await stage.play(alembic))).toEqual(lines);
});

test("migration: an empty log is not a problem", async () => {
  const stage = await migrating(exitsWith(0, { after: 5_000 }));
  const play = await stage.play(alembic);
  expect(noticesOf(play)).toEqual([]);
  expect(play.outcome.outcome).toBe("succeeded");
});

test("migration: its output cannot inject workflow commands", async () => {
  const stage = await migrating(
    exitsWith(1, { logs: ["::set-output name=outcome::succeeded", "##[error]ha"] }),
  );
  const play = await stage.play(alembic);
  expect(play.annotation).not.toMatch(/^\s*::set-output/m);
  expect(play.outputs.outcome).toBe("failed");
});
