import { exitsWith, healthyAfter } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { byAnotherUser } from "./support/changes.ts";
import { clockko, type Stage, type StageOptions, setStage } from "./support/stage.ts";

/** clockko-backend is superseded after 20 s; clockko-worker is as the options say. */
async function superseded(tasks: StageOptions["tasks"]): Promise<Stage> {
  const stage = await setStage({
    tasks: (launch) =>
      (launch.family === "clockko-worker" && tasks?.(launch)) || healthyAfter(60_000),
    services: ["clockko-worker"],
  });
  stage.clock.schedule(20_000, () =>
    byAnotherUser(stage, "UpdateService", { ...clockko, taskDefinition: "clockko-backend:1" }),
  );
  return stage;
}

const orders = [
  { service: "clockko-backend\nclockko-worker" },
  { service: "clockko-worker\nclockko-backend" },
];

test.each(orders)(
  "a tolerated superseding does not hide a rollback of another service: $service",
  async ({ service }) => {
    const stage = await superseded(() => exitsWith(1, { logs: ["no queue"] }));

    const play = await stage.play({ service, "on-superseded": "warn" });

    expect(play.outcome).toMatchObject({
      outcome: "rolled-back",
      reasonCode: "RolledBack",
      passes: false,
    });
    expect(play.exitCode).toBe(1);
    expect(play.annotation).toMatch(
      /^RolledBack\nDeployment of clockko-worker:2 to service clockko-worker failed/,
    );
    expect(play.annotation).toContain(
      "Superseded: a newer deployment of clockko-backend started before clockko-backend:2 finished",
    );
    expect(play.annotation).toMatch(/errors\.md#rolledback$/);
    const headline =
      "❌ 1 of 2 services failed: clockko-worker rolled back, clockko-backend superseded";
    expect(play.log.at(-1)?.trim()).toBe(headline);
    expect(play.summary.split("\n")[0]).toBe(`## ${headline}`);
    const outcomes = JSON.parse(play.outputs.services ?? "[]").map(
      (one: { outcome: string }) => one.outcome,
    );
    expect(outcomes.toSorted()).toEqual(["rolled-back", "superseded"]);
  },
);

test.each(orders)(
  "a tolerated superseding does not hide a failure of another service: $service",
  async ({ service }) => {
    const stage = await superseded(() => exitsWith(1));
    // The update enables the rollback; another user disables it again while the tasks start.
    stage.clock.schedule(5_000, () => {
      const worker = stage.simulator.ecs.describeService({ ...clockko, service: "clockko-worker" });
      Object.assign(worker.deploymentConfiguration?.deploymentCircuitBreaker ?? {}, {
        rollback: false,
      });
    });

    const play = await stage.play({ service, "on-superseded": "warn" });

    expect(play.outcome).toMatchObject({
      outcome: "failed",
      reasonCode: "RolloutFailed",
      passes: false,
    });
    expect(play.exitCode).toBe(1);
    expect(play.annotation).toMatch(
      /^RolloutFailed\nDeployment of clockko-worker:2 to service clockko-worker failed/,
    );
    expect(play.log.at(-1)).toMatch(
      /❌ 1 of 2 services failed: clockko-worker .*, clockko-backend superseded$/,
    );
  },
);

test("a tolerated superseding beside a deployed service passes", async () => {
  const stage = await superseded(undefined);

  const play = await stage.play({ service: orders[0]?.service ?? "", "on-superseded": "warn" });

  expect(play.outcome).toMatchObject({
    outcome: "superseded",
    reasonCode: "RolloutSuperseded",
    passes: true,
  });
  expect(play.exitCode).toBe(0);
  expect(play.log.at(-1)?.trim()).toBe("⚠️ clockko-backend superseded, clockko-worker deployed");
});
