import { describe, expect, it } from "vitest";
import { createTestWorld, plainApp, steadyWorld } from "./fixture.ts";

const named = (name: string, text = "") =>
  expect.objectContaining({ name, message: expect.stringContaining(text) });

describe("clusters", () => {
  it("are described by name or ARN, unknown ones are MISSING", () => {
    const world = createTestWorld();
    const arn = "arn:aws:ecs:us-east-1:123456789012:cluster/shop";
    const { clusters, failures } = world.call("DescribeClusters", {
      clusters: ["shop", arn, "none"],
    });
    expect(clusters.map((one: { clusterArn: string }) => one.clusterArn)).toEqual([arn, arn]);
    expect(failures).toEqual([
      { arn: "arn:aws:ecs:us-east-1:123456789012:cluster/none", reason: "MISSING" },
    ]);
  });

  it("creating one twice answers the first", () => {
    const world = createTestWorld();
    const make = () => world.call("CreateCluster", { clusterName: "other" }).cluster;
    expect(make()).toEqual(make());
  });
});

describe("CreateService", () => {
  it("fills in AWS's defaults", () => {
    const world = createTestWorld();
    world.create(world.register(), { deploymentConfiguration: {} });
    expect(world.service()).toMatchObject({
      serviceArn: "arn:aws:ecs:us-east-1:123456789012:service/shop/web",
      status: "ACTIVE",
      desiredCount: 1,
      launchType: "FARGATE",
      platformVersion: "1.4.0",
      deploymentController: { type: "ECS" },
      schedulingStrategy: "REPLICA",
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: false, rollback: false },
        maximumPercent: 200,
        minimumHealthyPercent: 100,
        strategy: "ROLLING",
      },
    });
  });

  it("shows what was left out: no public address, and rebalancing between zones where the service can be rebalanced", () => {
    const world = createTestWorld();
    world.create(world.register());
    expect(world.service()).toMatchObject({
      availabilityZoneRebalancing: "ENABLED",
      networkConfiguration: { awsvpcConfiguration: { assignPublicIp: "DISABLED" } },
      deployments: [
        { networkConfiguration: { awsvpcConfiguration: { assignPublicIp: "DISABLED" } } },
      ],
    });
    const full = createTestWorld();
    full.create(full.register(), {
      deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 0 },
    });
    expect(full.service().availabilityZoneRebalancing).toBe("DISABLED");
  });

  it("refuses a second one of the name, an unknown cluster, a missing network", () => {
    const world = steadyWorld();
    expect(() => world.create("web")).toThrow(named("InvalidParameterException", "not idempotent"));
    expect(() => world.create("web", { cluster: "none" })).toThrow(
      named("ClusterNotFoundException", "Cluster not found."),
    );
    const { networkConfiguration: _network, ...input } = {
      cluster: "shop",
      serviceName: "b",
      taskDefinition: "web",
      networkConfiguration: 1,
    };
    expect(() => world.call("CreateService", input)).toThrow(
      named("InvalidParameterException", "Network Configuration must be provided"),
    );
  });
});

describe("DescribeServices", () => {
  it("takes names and ARNs; unknown ones are MISSING with 200; an unknown cluster is an error", () => {
    const world = steadyWorld();
    const arn = world.service().serviceArn;
    const answer = world.call("DescribeServices", {
      cluster: "shop",
      services: [arn, "web", "none"],
    });
    expect(answer.services).toHaveLength(2);
    expect(answer.failures).toEqual([
      { arn: "arn:aws:ecs:us-east-1:123456789012:service/shop/none", reason: "MISSING" },
    ]);
    expect(() => world.call("DescribeServices", { cluster: "none", services: ["web"] })).toThrow(
      named("ClusterNotFoundException"),
    );
    expect(() => world.call("DescribeServices", { services: ["web"] })).toThrow(
      named("ClusterNotFoundException"),
    );
  });

  it("at most ten, at least one", () => {
    const world = steadyWorld();
    const describe = (services: string[]) => () =>
      world.call("DescribeServices", { cluster: "shop", services });
    expect(describe(Array.from({ length: 11 }, () => "web"))).toThrow(
      named("InvalidParameterException"),
    );
    expect(describe([])).toThrow(named("InvalidParameterException", "Services cannot be empty."));
  });

  it("keeps a hundred events, newest first", () => {
    const world = steadyWorld();
    for (let index = 0; index < 120; index++) {
      world.ecs.setDesiredCount({ cluster: "shop", service: "web" }, 1 + (index % 2));
      world.clock.advance(60_000);
    }
    const events = world.service().events ?? [];
    expect(events).toHaveLength(100);
    expect(events[0]!.createdAt!.getTime()).toBeGreaterThan(events[99]!.createdAt!.getTime());
  });

  it("returns tags only if requested", () => {
    const world = steadyWorld(undefined, { tags: [{ key: "a", value: "b" }] });
    expect(world.service()).not.toHaveProperty("tags");
    const { services } = world.call("DescribeServices", {
      cluster: "shop",
      services: ["web"],
      include: ["TAGS"],
    });
    expect(services[0].tags).toEqual([{ key: "a", value: "b" }]);
  });
});

describe("UpdateService", () => {
  const startsDeployment = (input: object) => {
    const world = steadyWorld();
    const before = world.deployments()[0]?.id;
    world.update(typeof input === "function" ? input(world) : input);
    return world.deployments()[0]?.id !== before;
  };

  it.each([
    ["forceNewDeployment", { forceNewDeployment: true }],
    [
      "another network",
      { networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-2"] } } },
    ],
    ["another platform version", { platformVersion: "1.3.0" }],
    [
      "load balancers",
      { loadBalancers: [{ targetGroupArn: "arn:tg", containerName: "app", containerPort: 8080 }] },
    ],
    ["service connect", { serviceConnectConfiguration: { enabled: false } }],
  ])("%s starts a deployment", (_, input) => {
    expect(startsDeployment(input)).toBe(true);
  });

  it.each([
    ["the same task definition", { taskDefinition: "web:1" }],
    [
      "the same network",
      { networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } } },
    ],
    ["a desired count", { desiredCount: 2 }],
    ["a deployment configuration", { deploymentConfiguration: { maximumPercent: 150 } }],
    ["a grace period", { healthCheckGracePeriodSeconds: 9 }],
    ["exec", { enableExecuteCommand: true }],
    ["capacity providers", { capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT" }] }],
  ])("%s does not", (_, input) => {
    expect(startsDeployment(input)).toBe(false);
  });

  it("moves a CodeDeploy service to ECS, and so deploys it", () => {
    const world = steadyWorld(undefined, { deploymentController: { type: "CODE_DEPLOY" } });
    expect(() => world.update({ forceNewDeployment: true })).toThrow(/CODE_DEPLOY/);
    const moved = world.update({ deploymentController: { type: "ECS" } });
    expect(moved.deploymentController).toEqual({ type: "ECS" });
    expect(moved.deployments?.map(({ status }) => status)).toEqual(["PRIMARY", "ACTIVE"]);
  });

  it("keeps what is not sent, also inside deploymentConfiguration; a member that is sent is taken whole", () => {
    const world = steadyWorld(undefined, {
      healthCheckGracePeriodSeconds: 30,
      deploymentConfiguration: {
        maximumPercent: 150,
        alarms: { alarmNames: ["a"], enable: true, rollback: true },
        deploymentCircuitBreaker: {
          enable: true,
          rollback: false,
          thresholdConfiguration: { type: "COUNT", value: 7 },
        },
      },
    });
    const { deploymentConfiguration, healthCheckGracePeriodSeconds, desiredCount } = world.update({
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
    expect({ healthCheckGracePeriodSeconds, desiredCount }).toEqual({
      healthCheckGracePeriodSeconds: 30,
      desiredCount: 1,
    });
    expect(deploymentConfiguration).toEqual({
      maximumPercent: 150,
      minimumHealthyPercent: 100,
      strategy: "ROLLING",
      bakeTimeInMinutes: 0,
      alarms: { alarmNames: ["a"], enable: true, rollback: true },
      deploymentCircuitBreaker: { enable: true, rollback: true },
    });
  });

  it.each([
    ["a maximum below the minimum", { minimumHealthyPercent: 100, maximumPercent: 50 }],
    [
      "a threshold of 0",
      {
        deploymentCircuitBreaker: {
          enable: true,
          rollback: true,
          thresholdConfiguration: { type: "COUNT", value: 0 },
        },
      },
    ],
    [
      "a pause while traffic moves",
      { lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: ["PRODUCTION_TRAFFIC_SHIFT"] }] },
    ],
    ["a hook without its function", { lifecycleHooks: [{ lifecycleStages: ["PRE_SCALE_UP"] }] }],
  ])("refuses %s", (_, deploymentConfiguration) => {
    expect(() => steadyWorld().update({ deploymentConfiguration })).toThrow(
      named("InvalidParameterException"),
    );
  });

  it("refuses what is not there or not active", () => {
    const world = steadyWorld();
    expect(() => world.update({ service: "none" })).toThrow(
      named("ServiceNotFoundException", "Service not found."),
    );
    expect(() => world.update({ cluster: "none" })).toThrow(named("ClusterNotFoundException"));
    expect(() => world.update({ taskDefinition: "web:9" })).toThrow(
      named("ClientException", "TaskDefinition not found."),
    );
    world.ecs.deleteService({ cluster: "shop", service: "web" });
    expect(() => world.update({ desiredCount: 1 })).toThrow(
      named("ServiceNotActiveException", "Service was not ACTIVE."),
    );
  });

  it.each(["CODE_DEPLOY", "EXTERNAL"] as const)(
    "refuses to deploy a %s service, but scales it",
    (type) => {
      const world = steadyWorld(undefined, { deploymentController: { type } });
      expect(world.service()).toMatchObject({
        deployments: [],
        taskSets: [{ status: "PRIMARY" }],
        deploymentController: { type },
      });
      expect(world.rollouts()).toEqual([]);
      const refused = named(
        "InvalidParameterException",
        `Unable to update task definition on services with a ${type} deployment controller.`,
      );
      expect(() => world.update({ taskDefinition: world.register() })).toThrow(refused);
      expect(() => world.update({ forceNewDeployment: true })).toThrow(
        named("InvalidParameterException"),
      );
      expect(world.update({ desiredCount: 2 }).desiredCount).toBe(2);
    },
  );
});

describe("DeleteService and ListServices", () => {
  it("wants the count at 0, or force", () => {
    const world = steadyWorld();
    const input = { cluster: "shop", service: "web" };
    expect(() => world.call("DeleteService", input)).toThrow(
      named("InvalidParameterException", "scaled above 0"),
    );
    expect(world.call("DeleteService", { ...input, force: true }).service.status).toBe("DRAINING");
    expect(world.call("ListServices", { cluster: "shop" }).serviceArns).toEqual([]);
    world.clock.advance(30_000);
    expect(world.service().status).toBe("INACTIVE");
    world.create(world.register([plainApp]));
    expect(world.service().status).toBe("ACTIVE");
  });

  it("a forgotten service is MISSING", () => {
    const world = steadyWorld();
    world.ecs.forgetService({ cluster: "shop", service: "web" });
    expect(
      world.call("DescribeServices", { cluster: "shop", services: ["web"] }).failures,
    ).toHaveLength(1);
  });
});
