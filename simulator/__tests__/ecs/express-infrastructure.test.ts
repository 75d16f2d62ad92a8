// Infrastructure, traffic and roles of an Express Mode service: what comes, what hangs, what stays
// broken.

import { describe, expect, it } from "vitest";
import { putTaskRole } from "../../src/iam/task-role.ts";
import { expressWorld, role } from "./express-fixture.ts";

type ExpressWorld = ReturnType<typeof expressWorld>;

/** Status by path, of everything that has one. */
async function statuses(world: ExpressWorld): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    if ("status" in value) found[path] = String(value.status);
    for (const [name, member] of Object.entries(value))
      walk(member, path === "" ? name : `${path}.${name}`);
  };
  walk((await world.revision())?.ecsManagedResources, "");
  return found;
}

async function update(world: ExpressWorld, image: string) {
  await world.update({ primaryContainer: { image } });
  return world.settle();
}

async function steadyExpress() {
  const world = expressWorld();
  await world.create();
  await world.settle();
  world.advance(10);
  return world;
}

describe("ecsManagedResources", () => {
  it("is PROVISIONING at first, then ACTIVE; the first task waits for it", async () => {
    const world = expressWorld();
    await world.create();
    world.advance(5);
    const early = await statuses(world);
    expect(new Set(Object.values(early))).toEqual(new Set(["PROVISIONING"]));
    expect(Object.keys(early)).toHaveLength(12);
    world.advance(50);
    expect(await statuses(world)).toMatchObject({
      "logGroups.0": "ACTIVE",
      "ingressPaths.0.certificate": "ACTIVE",
      "ingressPaths.0.rule": "PROVISIONING",
      "metricAlarms.0": "PROVISIONING",
    });
    expect(await world.classic()).toMatchObject({ runningCount: 0, pendingCount: 0 });
    expect(await world.settle()).toBe("SUCCESSFUL");
    expect(new Set(Object.values(await statuses(world)))).toEqual(new Set(["ACTIVE"]));
    expect((await world.revision())?.ecsManagedResources).toMatchObject({
      ingressPaths: [
        {
          accessType: "PUBLIC",
          loadBalancer: { scheme: "internet-facing" },
          targetGroups: [{ port: 80, healthCheckPath: "/" }, { port: 80 }],
        },
      ],
      metricAlarms: [{ arn: expect.stringMatching(/:alarm:default\/web\/RollbackAlarm$/) }],
      logGroups: [{ logGroupName: expect.stringMatching(/^\/aws\/ecs\/default\/web-/) }],
    });
  });

  it("is no member of a classic service's revision", async () => {
    const { simulator, client, of } = await steadyExpress();
    const { ecs } = simulator;
    ecs.createService({
      serviceName: "classic",
      taskDefinition: "default-web",
      desiredCount: 0,
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
    });
    expect([client, of]).toBeDefined();
    const [revision] = ecs.describeService({ service: "classic" }).currentServiceRevisions ?? [];
    const context = {
      principal: { accountId: "", arn: "", accessKeyId: "" },
      host: "",
      requestId: "",
    };
    const answer = ecs.service.operations["DescribeServiceRevisions"]?.(
      { serviceRevisionArns: [revision?.arn] },
      context,
    );
    expect(JSON.stringify(answer)).not.toContain("ecsManagedResources");
  });

  const hanging = {
    "by a lever": (world: ExpressWorld) => world.simulator.ecs.denyLoadBalancers(),
    "by the infrastructure role's own policy": (world: ExpressWorld) =>
      void world.simulator.roles.put({
        roleArn: role("infrastructure"),
        trustPolicy: {
          Statement: {
            Effect: "Allow",
            Principal: { Service: "ecs.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        },
        policies: [
          { Statement: { Effect: "Allow", Action: "elasticloadbalancing:*", Resource: "*" } },
        ],
      }),
  };
  it.each(Object.entries(hanging))(
    "hangs for ever when the load balancer is denied %s",
    async (_name, deny) => {
      const world = expressWorld();
      deny(world);
      await world.create();
      world.advance(3 * 3_600);
      expect(await statuses(world)).toMatchObject({
        "ingressPaths.0.loadBalancer": "PROVISIONING",
        "ingressPaths.0.rule": "PROVISIONING",
        "ingressPaths.0.certificate": "ACTIVE",
      });
      expect((await world.classic())?.events?.[0]?.message).toContain(
        "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/infrastructure/ECSGateway is " +
          "not authorized to perform: ec2:DescribeAccountAttributes",
      );
      expect((await world.deployments())[0]?.status).toBe("IN_PROGRESS");
      expect((await world.describe())?.status).toEqual({ statusCode: "ACTIVE" });
      // An update does not start it again; a new service does.
      world.simulator.ecs.allowLoadBalancers();
      world.simulator.roles.put({
        roleArn: role("infrastructure"),
        trustPolicy: {
          Statement: {
            Effect: "Allow",
            Principal: { Service: "ecs.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        },
      });
      await world.update({ primaryContainer: { image: "nginx:2" } });
      world.advance(3_600);
      expect(await world.classic()).toMatchObject({ runningCount: 0 });
      expect((await world.deployments())[0]?.status).toBe("IN_PROGRESS");
      await world.remove();
      world.advance(60);
      await world.create();
      expect(await world.settle()).toBe("SUCCESSFUL");
    },
  );
});

describe("traffic that is split", () => {
  const words =
    "Service deployment rolled back because of invalid networking configuration. " +
    "productionListenerRule ARN should have exactly one target group serving traffic but found " +
    "2 target groups which are serving traffic";

  it("comes of an update while another one is on its way, and stays until it is mended", async () => {
    const world = await steadyExpress();
    await world.update({ primaryContainer: { image: "nginx:2" } });
    world.advance(60);
    expect(await update(world, "nginx:3")).toBe("ROLLBACK_SUCCESSFUL");
    expect((await world.deployments())[0]?.statusReason).toBe(words);
    world.advance(60);
    expect(await update(world, "nginx:4")).toBe("ROLLBACK_SUCCESSFUL");
    world.simulator.ecs.mendTraffic(world.of);
    world.advance(60);
    expect(await update(world, "nginx:4")).toBe("SUCCESSFUL");
  });

  it("comes of an UpdateService that is too early after Create", async () => {
    const world = expressWorld();
    await world.create();
    world.advance(30);
    await world.update({ primaryContainer: { image: "nginx:2" } });
    // Nothing completed before: there is nothing to go back to.
    expect(await world.settle()).toBe("ROLLBACK_FAILED");
  });

  it("is what a scenario says", async () => {
    const world = await steadyExpress();
    world.simulator.ecs.splitTraffic(world.of);
    await world.deploy("default-web:1");
    expect(await world.settle()).toBe("SUCCESSFUL"); // the same task definition: no deployment
    expect(await update(world, "nginx:2")).toBe("ROLLBACK_SUCCESSFUL");
  });
});

describe("roles of this minute", () => {
  it.each([
    ["assume", "AccessDeniedException", /^Cannot assume role /],
    ["sts", "AccessDeniedException", /is not authorized to perform: sts:AssumeRole/],
    ["credentials", "ClientException", /was not able to validate the provided access credentials/],
    ["service-linked", "InvalidParameterException", /^Unable to assume the service linked role/],
  ] as const)("%s", async (refusal, name, message) => {
    const world = expressWorld();
    world.simulator.ecs.refuseRoles(30_000, refusal);
    await expect(world.create()).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
    await expect(world.describe()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    world.advance(30);
    await expect(world.create()).resolves.toBeDefined();
  });

  it("a role that does not trust ECS is refused for good", async () => {
    const world = expressWorld();
    putTaskRole(world.simulator, "infrastructure", []); // trusts ecs-tasks.amazonaws.com
    await expect(world.create()).rejects.toThrow("Cannot assume role");
  });
});

it("a revision says when its tasks run on another architecture", async () => {
  const world = expressWorld();
  world.simulator.ecs.overrideArchitecture("default-web:2", "ARM64");
  await world.create();
  await world.settle();
  expect(await world.revision()).not.toHaveProperty("overrides");
  await update(world, "nginx:2");
  expect((await world.revision())?.overrides).toEqual({
    runtimePlatform: { cpuArchitecture: "ARM64" },
  });
});
