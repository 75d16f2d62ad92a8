// Several containers and several services: one of them runs the command, and its exit code counts.

import { exitsWith, sidecarExits } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { alembic, isUntouched, migrating, oneOffTasks } from "./support/migration.ts";
import { registry } from "./support/stage.ts";

const image = `${registry}/clockko-backend:v1`;
const two = (essential: boolean) => ({
  taskDefinition: {
    containerDefinitions: [
      { name: "proxy", image: "envoy:1", essential: true },
      { name: "app", image, essential },
    ],
  },
});

test("migration: the exit code of the named container counts, not the first one's", async () => {
  const stage = await migrating(exitsWith(0, { container: "app", after: 5_000 }), two(true));
  const play = await stage.play(alembic);
  expect(play.outcome).toMatchObject({
    outcome: "succeeded",
    tasks: [{ container: "app", exitCode: 0 }],
  });
  const [run] = inputsOf(stage, "ecs:RunTask");
  expect(run).toMatchObject({ overrides: { containerOverrides: [{ name: "app" }] } });
});

test("migration: the named container failed; the stopped proxy is not reported", async () => {
  const stage = await migrating(exitsWith(4, { container: "app" }), two(true));
  const play = await stage.play(alembic);
  expect(play.annotation).toMatch(/failed with exit code 4\.\nContainer "app" exited with code 4/);
  expect(isUntouched(stage, play)).toBe(true);
});

test("migration: another container may be named", async () => {
  const stage = await migrating(exitsWith(0, { container: "proxy" }), two(true));
  const play = await stage.play({ ...alembic, "pre-deploy-container": "proxy" });
  expect(play.outcome).toMatchObject({
    outcome: "succeeded",
    tasks: [{ container: "proxy", exitCode: 0 }],
  });
});

test.each([
  [0, "succeeded"],
  [1, "failed"],
])(
  "migration: exit code %i of one that is not essential, while the others run on",
  async (exitCode, outcome) => {
    const stage = await migrating(sidecarExits("app", exitCode, { after: 5_000 }), two(false));
    const play = await stage.play(alembic);
    expect(play.outcome.outcome).toBe(outcome);
    expect(play.log).toContain(
      "  The command has finished and other containers were still running: stopped the task.",
    );
    expect(oneOffTasks(stage)).toMatchObject([
      {
        desiredStatus: "STOPPED",
        stoppedReason: expect.stringContaining("The command has finished"),
      },
    ]);
  },
);

test("migration: sidecars keep running, and StopTask is denied", async () => {
  const stage = await migrating(sidecarExits("app", 0), two(false));
  stage.simulator.faults.add("ecs:StopTask", {
    kind: "error",
    name: "AccessDeniedException",
    message: "no",
  });
  const play = await stage.play(alembic);
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log.join("\n")).toMatch(
    /notice: The command has finished, but other containers .* are still running[\s\S]*stop-task/,
  );
});

test("migration: of several services it runs once, with the first one's revision, before any is updated", async () => {
  const stage = await migrating(exitsWith(0), { services: ["clockko-worker"] });
  const play = await stage.play({ ...alembic, service: "clockko-backend\nclockko-worker" });
  expect(play.outcome.outcome).toBe("succeeded");
  const runs = inputsOf(stage, "ecs:RunTask");
  expect(runs).toMatchObject([{ taskDefinition: expect.stringMatching(/clockko-backend:2$/) }]);
  const firstUpdate = play.calls.findIndex((call) => call.startsWith("ecs:UpdateService"));
  expect(play.calls.findIndex((call) => call.startsWith("ecs:RunTask"))).toBeLessThan(firstUpdate);
});

test("migration: of several services none is updated when it fails", async () => {
  const stage = await migrating(exitsWith(1), { services: ["clockko-worker"] });
  const play = await stage.play({ ...alembic, service: "clockko-backend\nclockko-worker" });
  expect(play.annotation).toContain(
    "The services were not touched: clockko-backend runs clockko-backend:1, clockko-worker runs clockko-worker:1.",
  );
  expect(isUntouched(stage, play)).toBe(true);
});
