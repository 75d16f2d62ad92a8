// A cancel that meets the update on its way, or a rollout that is over already: what is said is true, and what on-cancel asks is done.

import { healthyAfter } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { byAnotherUser, deploymentsOf, inputsOf } from "./support/changes.ts";
import { cancelAfter, type Stage, setStage } from "./support/stage.ts";

const minute = 60_000;

/** Cancels when the nth call of this kind has arrived. */
function cancelAt(stage: Stage, call: string, times = 1, milliseconds = 0): void {
  let seen = 0;
  stage.onCall = (arrived) => {
    if (arrived === call && ++seen === times) cancelAfter(stage, milliseconds);
  };
}

describe.each([
  ["as its answer leaves", undefined],
  ["its answer is lost", { kind: "lost", operate: true } as const],
])("cancelled during the update request: %s", (_, fault) => {
  test("rollback is requested and confirmed", async () => {
    const stage = await setStage({ tasks: () => healthyAfter(5 * minute) });
    if (fault) stage.simulator.faults.add("ecs:UpdateService", fault);
    cancelAt(stage, "ecs:UpdateService", 1, fault ? 1_000 : 0);

    const play = await stage.play({ "on-cancel": "rollback" });

    expect(play.outcome.outcome).toBe("cancelled");
    expect(play.annotation).toContain("a rollback was requested (on-cancel) and is in progress.");
    expect(inputsOf(stage, "ecs:StopServiceDeployment")).toHaveLength(1);
    expect(deploymentsOf(stage)[0]?.status).toBe("ROLLBACK_REQUESTED");
    expect(play.elapsedMilliseconds).toBeLessThanOrEqual(4_000);
  });

  test("leave: the deployment continues, and the log says so", async () => {
    const stage = await setStage({ tasks: () => healthyAfter(5 * minute) });
    if (fault) stage.simulator.faults.add("ecs:UpdateService", fault);
    cancelAt(stage, "ecs:UpdateService", 1, fault ? 1_000 : 0);

    const play = await stage.play();

    expect(play.annotation).toContain(
      "clockko-backend → clockko-backend:2: the deployment continues in ECS, but is not watched.",
    );
    expect(inputsOf(stage, "ecs:StopServiceDeployment")).toEqual([]);
  });
});

test("ECS lists the deployment some seconds later: the request waits for it", async () => {
  const stage = await setStage({ tasks: () => healthyAfter(5 * minute) });
  stage.simulator.ecs.setListDelay(2_500);
  cancelAt(stage, "ecs:UpdateService");
  const play = await stage.play({ "on-cancel": "rollback" });
  expect(play.annotation).toContain("a rollback was requested");
  expect(play.elapsedMilliseconds).toBeLessThanOrEqual(5_000);
});

/** The rollout ends between the last look and the cancel. */
async function cancelledWhenOver(onCancel: string, how: (stage: Stage) => void) {
  const stage = await setStage({ tasks: () => healthyAfter(30_000) });
  stage.clock.schedule(20_000, () => {
    how(stage);
    stage.clock.advance(10 * minute);
    cancelAfter(stage, 0);
  });
  return { stage, play: await stage.play({ "on-cancel": onCancel }) };
}

describe.each(["leave", "rollback"])("on-cancel: %s, after the end of the rollout", (onCancel) => {
  test("deployed", async () => {
    const { stage, play } = await cancelledWhenOver(onCancel, () => {});
    expect(deploymentsOf(stage)[0]?.status).toBe("SUCCESSFUL");
    expect(play.annotation).toContain("it succeeded before the run was cancelled, and runs now.");
    expect(play.annotation).not.toMatch(/continues in ECS, but is not watched|tries again/);
  });

  test("rolled back", async () => {
    const { play } = await cancelledWhenOver(onCancel, (stage) => {
      const [{ serviceDeploymentArn } = { serviceDeploymentArn: "" }] = deploymentsOf(stage);
      byAnotherUser(stage, "StopServiceDeployment", {
        serviceDeploymentArn,
        stopType: "ROLLBACK",
      });
    });
    expect(play.annotation).toContain("ECS rolled it back before the run was cancelled");
    expect(play.annotation).not.toMatch(/continues in ECS, but is not watched|tries again/);
  });
});
