import { exitsWith, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";

const several = {
  services: ["clockko-worker", "clockko-cron"],
  tasks: ({ family }: { readonly family: string }) =>
    family === "clockko-worker" ? exitsWith(1) : runs(),
};
const service = "clockko-backend\nclockko/clockko-worker\nclockko-cron";

test("on-failure-of-one: rollback-all", async () => {
  const stage = await setStage(several);

  const play = await stage.play({ service, "on-failure-of-one": "rollback-all" });

  expect(play.outcome).toMatchObject({
    outcome: "rolled-back",
    services: [{ outcome: "rolled-back" }, { outcome: "rolled-back" }, { outcome: "rolled-back" }],
  });
  for (const name of ["clockko-backend", "clockko-worker", "clockko-cron"])
    expect(revisionOf(stage, name)).toBe(`${name}:1`);
  expect(play.annotation).toContain(
    "was rolled back to clockko-cron:1, because clockko-worker failed (on-failure-of-one: rollback-all)",
  );
});

test("on-failure-of-one: keep", async () => {
  const stage = await setStage(several);
  const play = await stage.play({ service });
  expect(play.outcome.services.map(({ outcome }) => outcome)).toEqual([
    "succeeded",
    "rolled-back",
    "succeeded",
  ]);
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  expect(play.exitCode).toBe(1);
});
