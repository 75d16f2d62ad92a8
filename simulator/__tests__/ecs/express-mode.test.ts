import { describe, expect, it } from "vitest";
import { createTestWorld, plainApp } from "./fixture.ts";

const of = { cluster: "shop", service: "web" };

function expressWorld() {
  const world = createTestWorld();
  world.ecs.registerTaskDefinition({
    family: "web",
    containerDefinitions: [{ ...plainApp, memory: 128 }],
  });
  world.ecs.registerTaskDefinition({
    family: "web",
    containerDefinitions: [{ ...plainApp, memory: 256 }],
  });
  world.ecs.createExpressService({
    cluster: "shop",
    serviceName: "web",
    taskDefinition: "web:1",
    desiredCount: 1,
  });
  return world;
}

describe("an Express Mode service", () => {
  it("is managed by ECS, and only its deployments name a task definition", () => {
    const { service } = expressWorld();
    expect(service()).toMatchObject({
      resourceManagementType: "ECS",
      deploymentController: { type: "ECS" },
    });
    expect(service()).not.toHaveProperty("taskDefinition");
    expect(service().deployments?.[0]?.taskDefinition).toMatch(/:task-definition\/web:1$/);
    expect(service().deploymentConfiguration).toMatchObject({
      strategy: "CANARY",
      bakeTimeInMinutes: 3,
    });
  });

  it("takes another task definition, but no other load balancer or strategy", () => {
    const { call, service } = expressWorld();
    call("UpdateService", { ...of, taskDefinition: "web:2" });
    expect(service().deployments?.[0]?.taskDefinition).toMatch(/web:2$/);
    expect(() => call("UpdateService", { ...of, loadBalancers: [] })).toThrow(/load balancers/);
    expect(() =>
      call("UpdateService", { ...of, deploymentConfiguration: { strategy: "ROLLING" } }),
    ).toThrow(/strategy/);
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
