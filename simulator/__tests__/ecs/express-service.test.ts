// An Express Mode service and the classic operations.

import { describe, expect, it } from "vitest";
import { changes, createTestWorld, type World } from "./fixture.ts";

const of = { cluster: "shop", service: "web" };
const main = {
  name: "Main",
  image: "app:1",
  portMappings: [{ name: "main-8080-tcp", containerPort: 8080 }],
};

function expressWorld(): World {
  const world = createTestWorld();
  world.register([main]);
  world.register([main], { cpu: "512", memory: "1024" });
  world.ecs.createExpressService({ cluster: "shop", serviceName: "web", taskDefinition: "web:1" });
  return world;
}

const steady = (world: World) => world.until("steady", () => world.ecs.isSteady(of));

describe("an Express Mode service", () => {
  it("is managed by ECS, and only its deployments name a task definition", () => {
    const { service } = expressWorld();
    expect(service()).not.toHaveProperty("taskDefinition");
    expect(service().deployments?.[0]?.taskDefinition).toMatch(/:task-definition\/web:1$/);
    expect(service()).toMatchObject({
      resourceManagementType: "ECS",
      desiredCount: 1,
      deploymentController: { type: "ECS" },
      deploymentConfiguration: {
        strategy: "CANARY",
        canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 3 },
        bakeTimeInMinutes: 3,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        alarms: { enable: true, rollback: true, alarmNames: ["shop/web/RollbackAlarm"] },
      },
      capacityProviderStrategy: [{ capacityProvider: "FARGATE", base: 1, weight: 1 }],
      platformVersion: "1.4.0",
      enableECSManagedTags: true,
      propagateTags: "SERVICE",
      availabilityZoneRebalancing: "ENABLED",
      loadBalancers: [{ containerName: "Main", containerPort: 8080 }],
      networkConfiguration: { awsvpcConfiguration: { assignPublicIp: "ENABLED" } },
    });
    expect(service()).not.toHaveProperty("launchType");
  });

  it("is deployed at first without canary and bake time, within two minutes", () => {
    const world = expressWorld();
    expect(steady(world)).toBeLessThan(120);
    expect(world.rollout()).toMatchObject({ status: "SUCCESSFUL" });
    expect(world.rollout()).not.toHaveProperty("lifecycleStage");
  });

  it("takes another task definition: 5 % for three minutes, then three minutes of bake time", () => {
    const world = expressWorld();
    steady(world);
    world.update({ taskDefinition: "web:2" });
    const started = world.elapsed();
    const seen: unknown[] = [];
    world.until("over", () => {
      const { status, lifecycleStage, targetServiceRevision } = world.rollout();
      const weight = targetServiceRevision?.requestedProductionTrafficWeight;
      seen.push(`${status} ${lifecycleStage ?? "-"} ${weight}`);
      return status === "SUCCESSFUL";
    });
    expect(changes(seen)).toEqual([
      "PENDING - 0",
      "IN_PROGRESS PRE_SCALE_UP 0",
      "IN_PROGRESS SCALE_UP 0",
      "IN_PROGRESS POST_SCALE_UP 0",
      "IN_PROGRESS TEST_TRAFFIC_SHIFT 0",
      "IN_PROGRESS POST_TEST_TRAFFIC_SHIFT 0",
      "IN_PROGRESS PRODUCTION_TRAFFIC_SHIFT 0",
      "IN_PROGRESS PRODUCTION_TRAFFIC_SHIFT 5",
      "IN_PROGRESS PRODUCTION_TRAFFIC_SHIFT 100",
      "IN_PROGRESS POST_PRODUCTION_TRAFFIC_SHIFT 100",
      "IN_PROGRESS BAKE_TIME 100",
      "IN_PROGRESS CLEAN_UP 100",
      "SUCCESSFUL CLEAN_UP 100",
    ]);
    expect(world.elapsed() - started).toBeGreaterThan(6 * 60);
    expect(world.elapsed() - started).toBeLessThan(9 * 60);
    world.clock.advance(5_000);
    expect(world.deployments()).toMatchObject([
      { status: "PRIMARY", taskDefinition: expect.stringMatching(/web:2$/) },
    ]);
  });

  it("is deployed again by forceNewDeployment, and scaled by desiredCount", () => {
    const world = expressWorld();
    steady(world);
    expect(world.update({ forceNewDeployment: true }).deployments).toHaveLength(2);
    expect(world.update({ desiredCount: 2 }).desiredCount).toBe(2);
  });

  it("rolls back when RollbackAlarm goes into the ALARM state", () => {
    const world = expressWorld();
    steady(world);
    world.update({ taskDefinition: "web:2" });
    world.until("baking", () => world.rollout().lifecycleStage === "BAKE_TIME");
    world.ecs.triggerAlarm("shop/web/RollbackAlarm");
    world.until("rolled back", () => world.rollout().status === "ROLLBACK_SUCCESSFUL");
    expect(world.rollout().alarms).toEqual({
      status: "TRIGGERED",
      alarmNames: ["shop/web/RollbackAlarm"],
      triggeredAlarmNames: ["shop/web/RollbackAlarm"],
    });
  });

  it.each([
    [{ loadBalancers: [] }, "load balancers"],
    [{ deploymentConfiguration: { strategy: "ROLLING" } }, "strategy"],
    [{ deploymentConfiguration: { deploymentCircuitBreaker: {} } }, "deployment configuration"],
  ])("refuses %j", (input, words) => {
    const { update } = expressWorld();
    expect(() => update({ ...input, taskDefinition: "web:2" })).toThrow(
      expect.objectContaining({
        name: "InvalidParameterException",
        message: expect.stringContaining(words),
      }),
    );
  });

  it("takes a deployment configuration where a scenario says so, but no other strategy", () => {
    const { ecs, update } = expressWorld();
    ecs.acceptExpressDeploymentConfiguration();
    const answer = update({ deploymentConfiguration: { bakeTimeInMinutes: 1 } });
    expect(answer.deploymentConfiguration).toMatchObject({ bakeTimeInMinutes: 1 });
    expect(() => update({ deploymentConfiguration: { strategy: "ROLLING" } })).toThrow(/strategy/);
  });

  it("is not deleted as other services are", () => {
    const { call } = expressWorld();
    expect(() => call("DeleteService", { ...of, force: true })).toThrow(
      "has ResourceManagementType=ECS use DeleteExpressGatewayService",
    );
  });

  it("is listed by its type", () => {
    const { call } = expressWorld();
    const listed = (resourceManagementType?: string) =>
      call("ListServices", { cluster: "shop", resourceManagementType }).serviceArns.length;
    expect([listed(), listed("ECS"), listed("CUSTOMER")]).toEqual([1, 1, 0]);
  });
});
