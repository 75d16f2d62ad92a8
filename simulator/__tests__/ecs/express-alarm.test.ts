// RollbackAlarm by the share of errors.

import { describe, expect, it } from "vitest";
import { createTestWorld, type World } from "./fixture.ts";

const of = { cluster: "shop", service: "web" };
const main = {
  name: "Main",
  image: "app:1",
  portMappings: [{ name: "main-8080-tcp", containerPort: 8080 }],
};

function steadyExpress(): World {
  const world = createTestWorld();
  world.register([main]);
  world.register([main], { cpu: "512", memory: "1024" });
  world.ecs.createExpressService({ cluster: "shop", serviceName: "web", taskDefinition: "web:1" });
  world.until("steady", () => world.ecs.isSteady(of));
  return world;
}

const over = (world: World) => {
  world.until("over", () => !/PENDING|IN_PROGRESS/.test(world.rollout().status ?? ""));
  return world.rollout();
};

describe("RollbackAlarm", () => {
  it("rolls a bad version back while it has 5 % of the traffic", () => {
    const world = steadyExpress();
    world.ecs.setErrorRate(of, "web:2", 100);
    world.update({ taskDefinition: "web:2" });
    world.until("rolling back", () => world.rollout().status === "ROLLBACK_IN_PROGRESS");
    expect(world.rollout()).toMatchObject({
      lifecycleStage: "PRODUCTION_TRAFFIC_SHIFT",
      alarms: { status: "TRIGGERED", triggeredAlarmNames: ["shop/web/RollbackAlarm"] },
    });
    expect(over(world)).toMatchObject({ status: "ROLLBACK_SUCCESSFUL" });
    // The next one is watched again: the alarm is OK when nothing has been wrong for two minutes.
    world.clock.advance(3 * 60_000);
    world.ecs.setErrorRate(of, "web:2", 0);
    world.update({ taskDefinition: "web:2" });
    expect(over(world)).toMatchObject({
      status: "SUCCESSFUL",
      alarms: { triggeredAlarmNames: [] },
    });
  });

  it("rolls back in the bake time too, when all traffic has moved", () => {
    const world = steadyExpress();
    world.update({ taskDefinition: "web:2" });
    world.until("baking", () => world.rollout().lifecycleStage === "BAKE_TIME");
    world.ecs.setErrorRate(of, "web:2", 2);
    expect(over(world)).toMatchObject({
      status: "ROLLBACK_SUCCESSFUL",
      lifecycleStage: "BAKE_TIME",
    });
    expect(world.deployments()[0]?.taskDefinition).toMatch(/web:1$/);
  });

  it("takes one percent, and one bad minute", () => {
    const world = steadyExpress();
    world.ecs.setErrorRate(of, "web:2", 1);
    world.update({ taskDefinition: "web:2" });
    world.until("canary", () => {
      const { targetServiceRevision } = world.rollout();
      return targetServiceRevision?.requestedProductionTrafficWeight === 5;
    });
    world.ecs.setErrorRate(of, "web:2", 100);
    world.clock.advance(60_000);
    world.ecs.setErrorRate(of, "web:2", 0);
    expect(over(world)).toMatchObject({ status: "SUCCESSFUL" });
  });

  it("counts no errors of a version without traffic", () => {
    const world = steadyExpress();
    world.ecs.setErrorRate(of, "web:2", 100);
    world.clock.advance(10 * 60_000);
    world.update({ forceNewDeployment: true });
    expect(over(world)).toMatchObject({ status: "SUCCESSFUL" });
  });
});
