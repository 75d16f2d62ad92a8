// The four operations of Express Mode, through the SDK's own client.

import {
  type ContainerDefinition,
  DescribeServiceRevisionsCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { exitsWith, runs } from "../../src/tasks/scripted-runner.ts";
import { expressWorld, role, wanted } from "./express-fixture.ts";

type ExpressWorld = ReturnType<typeof expressWorld>;

async function steadyExpress(...more: Parameters<typeof expressWorld>) {
  const world = expressWorld(...more);
  await world.create();
  await world.settle();
  world.advance(10);
  return world;
}

const definitionOf = async ({ client }: ExpressWorld, taskDefinition: string) =>
  (await client.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ["TAGS"] })))
    .taskDefinition;

const main = {
  name: "Main",
  image: "mine:1",
  portMappings: [{ name: "http", containerPort: 3000 }],
};

async function registerOwn(
  { client }: ExpressWorld,
  containers: ContainerDefinition[] = [main],
): Promise<string> {
  const { taskDefinition } = await client.send(
    new RegisterTaskDefinitionCommand({
      family: "own",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      containerDefinitions: containers,
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? "";
}

describe("CreateExpressGatewayService", () => {
  it("makes cluster, task definition, log group and service; answers no configuration", async () => {
    const world = expressWorld();
    const service = await world.create({ tags: [{ key: "team", value: "shop" }] });
    expect(service).toEqual({
      cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/default",
      serviceName: "web",
      serviceArn: world.serviceArn,
      infrastructureRoleArn: role("infrastructure"),
      status: { statusCode: "ACTIVE" },
      createdAt: new Date(world.clock.now()),
      updatedAt: new Date(world.clock.now()),
    });
    expect(await world.describe()).not.toHaveProperty("activeConfigurations");
    expect(await world.describe()).not.toHaveProperty("currentDeployment");
    expect(await world.settle()).toBe("SUCCESSFUL");
    const definition = await definitionOf(world, "default-web");
    expect(definition).toMatchObject({
      cpu: "1024",
      memory: "2048",
      executionRoleArn: role("execution"),
      runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
      containerDefinitions: [
        {
          name: "Main",
          image: "nginx:1",
          portMappings: [{ name: "main-80-tcp", containerPort: 80 }],
        },
      ],
    });
    const group = definition?.containerDefinitions?.[0]?.logConfiguration?.options?.[
      "awslogs-group"
    ] as string;
    expect(group).toMatch(/^\/aws\/ecs\/default\/web-[0-9a-f]{4}$/);
    expect(world.simulator.logs.hasGroup(group)).toBe(true);
  });

  it("fills in defaults and shows them; a tag only where TAGS is asked for", async () => {
    const world = expressWorld();
    await world.create({
      tags: [{ key: "team", value: "shop" }],
      networkConfiguration: { securityGroups: ["sg-mine"] },
      primaryContainer: {
        image: "nginx:1",
        environment: [
          { name: "B", value: "2" },
          { name: "A", value: "1" },
        ],
      },
    });
    world.advance(10);
    const service = await world.describe(["TAGS"]);
    expect(service?.tags).toEqual([{ key: "team", value: "shop" }]);
    expect(await world.describe()).not.toHaveProperty("tags");
    const [configuration, ...others] = service?.activeConfigurations ?? [];
    expect(others).toEqual([]);
    expect(configuration).toMatchObject({
      healthCheckPath: "/",
      cpuArchitecture: "X86_64",
      scalingTarget: {
        minTaskCount: 1,
        maxTaskCount: 20,
        autoScalingMetric: "AVERAGE_CPU",
        autoScalingTargetValue: 60,
      },
      networkConfiguration: { securityGroups: ["sg-mine", expect.stringMatching(/^sg-/)] },
      primaryContainer: {
        command: [],
        environment: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      },
      ingressPaths: [
        {
          accessType: "PUBLIC",
          endpoint: expect.stringMatching(/^we-[0-9a-f]{32}\.ecs\.us-east-1\.on\.aws$/),
        },
      ],
    });
  });

  it("names the service after its image, where it has no name", async () => {
    const world = expressWorld();
    const { serviceName: _name, ...nameless } = wanted;
    const service = await world.create({ ...nameless, serviceName: undefined });
    expect(service?.serviceName).toMatch(/^nginx-[0-9a-f]{4}$/);
  });

  it("takes a task definition of one's own, and no other cluster than one that is there", async () => {
    const world = expressWorld();
    const own = {
      executionRoleArn: undefined,
      primaryContainer: undefined,
      taskDefinitionArn: await registerOwn(world),
    };
    await expect(world.create({ ...own, cluster: "shop" })).rejects.toMatchObject({
      name: "ClusterNotFoundException",
    });
    await world.create(own);
    world.advance(10);
    expect((await world.describe())?.activeConfigurations?.[0]).toMatchObject({
      taskDefinitionArn: own.taskDefinitionArn,
      cpu: "256",
      primaryContainer: { image: "mine:1", containerPort: 3000 },
    });
    expect((await world.describe())?.activeConfigurations?.[0]).not.toHaveProperty(
      "cpuArchitecture",
    );
  });

  it.each([
    [{ infrastructureRoleArn: "" }, "infrastructureRoleArn cannot be empty"],
    [{ executionRoleArn: undefined }, "executionRoleArn is required with primaryContainer"],
    [{ primaryContainer: undefined }, "Either primaryContainer or taskDefinitionArn"],
    [{ primaryContainer: { image: "" } }, "primaryContainer.image cannot be empty"],
    [{ taskDefinitionArn: "own:1" }, "taskDefinitionArn cannot be provided with primaryContainer,"],
    [{ serviceName: "a b" }, "serviceName must have"],
    [{ healthCheckPath: "ping" }, "healthCheckPath must begin with '/'"],
    [{ primaryContainer: { image: "a", containerPort: 0 } }, "containerPort must be between"],
    [{ scalingTarget: { minTaskCount: 3, maxTaskCount: 2 } }, "at most maxTaskCount"],
    [{ tags: [{ key: "aws:x", value: "" }] }, "reserved for AWS use"],
  ])("refuses %j", async (input, words) => {
    const { create } = expressWorld();
    await expect(create(input)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(words),
    });
  });

  it.each([
    ["another name", [{ ...main, name: "app" }]],
    [
      "two ports",
      [{ ...main, portMappings: [...main.portMappings, { name: "b", containerPort: 2 }] }],
    ],
    ["a port without a name", [{ ...main, portMappings: [{ containerPort: 3000 }] }]],
  ])("refuses an own task definition: %s", async (_name, containers) => {
    const world = expressWorld();
    const taskDefinitionArn = await registerOwn(world, containers);
    await expect(
      world.create({ taskDefinitionArn, primaryContainer: undefined, executionRoleArn: undefined }),
    ).rejects.toThrow(
      "Task definition must contain a container named 'Main' with a single TCP port mapping.",
    );
  });

  it("refuses a name that is taken", async () => {
    const world = expressWorld();
    await world.create();
    await expect(world.create()).rejects.toThrow("Creation of service was not idempotent.");
  });
});

describe("a first deployment that fails", () => {
  it("has nothing to roll back to; the next image mends it", async () => {
    const world = expressWorld((image) => (image === "nginx:1" ? exitsWith(1) : runs()));
    await world.create();
    expect(await world.settle()).toBe("ROLLBACK_FAILED");
    expect(await world.describe()).toMatchObject({ status: { statusCode: "ACTIVE" } });
    await world.update({ primaryContainer: { image: "nginx:2" } });
    expect(await world.settle()).toBe("SUCCESSFUL");
  });
});

describe("UpdateExpressGatewayService", () => {
  it("answers the revision that its deployment goes to, and two configurations are active", async () => {
    const world = await steadyExpress();
    const before = await world.describe();
    expect(before).not.toHaveProperty("currentDeployment");
    const service = await world.update({ primaryContainer: { image: "nginx:2" } });
    const [newest] = await world.deployments();
    expect(service?.targetConfiguration?.serviceRevisionArn).toBe(newest?.targetServiceRevisionArn);
    const during = await world.describe();
    expect(during?.currentDeployment).toBe(newest?.serviceDeploymentArn);
    expect(during?.activeConfigurations?.map((one) => one.primaryContainer?.image)).toEqual([
      "nginx:2",
      "nginx:1",
    ]);
    expect(await world.settle()).toBe("SUCCESSFUL");
    world.advance(10);
    const after = await world.describe();
    expect(after?.activeConfigurations).toHaveLength(1);
    expect(after?.activeConfigurations?.[0]?.ingressPaths).toEqual(
      before?.activeConfigurations?.[0]?.ingressPaths,
    );
  });

  it("keeps what is not sent, and takes a list whole", async () => {
    const world = expressWorld();
    const secrets = [{ name: "KEY", valueFrom: "arn:aws:ssm:us-east-1:123456789012:parameter/k" }];
    const environment = [{ name: "A", value: "1" }];
    world.simulator.parameters.set("k", "1");
    await world.create({
      healthCheckPath: "/up",
      cpu: "512",
      memory: "1024",
      primaryContainer: { image: "nginx:1", containerPort: 8080, environment, secrets },
    });
    await world.settle();
    const kept = await world.update({ primaryContainer: { image: "nginx:2" } });
    expect(kept?.targetConfiguration).toMatchObject({
      healthCheckPath: "/up",
      cpu: "512",
      primaryContainer: { image: "nginx:2", containerPort: 8080, environment, secrets },
    });
    await world.settle();
    const reset = await world.update({ primaryContainer: { image: "nginx:2", environment: [] } });
    expect(reset?.targetConfiguration?.primaryContainer).toMatchObject({
      environment: [],
      secrets,
    });
  });

  it("deploys again when nothing has changed", async () => {
    const world = await steadyExpress();
    await world.update({});
    expect(await world.deployments()).toHaveLength(2);
  });

  it("takes an own task definition, and starts from it afterwards", async () => {
    const world = await steadyExpress();
    const taskDefinitionArn = await registerOwn(world, [
      main,
      { name: "proxy", image: "proxy:1", portMappings: [] },
    ]);
    await expect(world.update({ taskDefinitionArn, cpu: "256" })).rejects.toThrow(
      "taskDefinitionArn cannot be provided with",
    );
    await world.update({ taskDefinitionArn });
    await world.settle();
    await world.update({ executionRoleArn: role("execution") });
    const { containerDefinitions } = (await definitionOf(world, "default-web")) ?? {};
    expect(containerDefinitions?.map(({ name }) => name)).toEqual(["Main", "proxy"]);
  });

  it("keeps the task count within the new bounds", async () => {
    const world = await steadyExpress();
    await world.update({ scalingTarget: { minTaskCount: 2 } });
    expect(await world.classic()).toMatchObject({ desiredCount: 2 });
  });
});

describe("DeleteExpressGatewayService", () => {
  it("drains, becomes INACTIVE, and frees the name; the new service has another URL", async () => {
    const world = await steadyExpress();
    const revision = await world.revision();
    const url = (await world.describe())?.activeConfigurations?.[0]?.ingressPaths?.[0]?.endpoint;
    expect((await world.remove())?.status).toEqual({ statusCode: "DRAINING" });
    await expect(world.remove()).rejects.toMatchObject({
      name: "ServiceNotActiveException",
      message: "Service is in DRAINING status",
    });
    await expect(world.create()).rejects.toThrow("Unable to Start a service that is still");
    world.advance(60);
    expect(await world.describe()).toMatchObject({ status: { statusCode: "INACTIVE" } });
    const serviceRevisionArns = [revision?.serviceRevisionArn ?? ""];
    await expect(
      world.client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns })),
    ).rejects.toThrow("Cannot call DescribeServiceRevisions for a service that is INACTIVE");
    await expect(world.update({})).rejects.toMatchObject({
      name: "ServiceNotActiveException",
      message: "Cannot perform this operation on a service in INACTIVE status",
    });
    await world.create();
    world.advance(10);
    const now = (await world.describe())?.activeConfigurations?.[0]?.ingressPaths?.[0]?.endpoint;
    expect(now).not.toBe(url);
  });

  it("is not found when it is long gone", async () => {
    const world = await steadyExpress();
    world.simulator.ecs.forgetService(world.of);
    await expect(world.describe()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(world.remove()).rejects.toThrow("Resource not found");
    await expect(world.update({})).rejects.toMatchObject({ name: "ServiceNotFoundException" });
  });
});

it("other partitions have their own ARNs and host names", async () => {
  const world = expressWorld(undefined, "us-gov-west-1");
  const service = await world.create({ infrastructureRoleArn: role("i", "aws-us-gov") });
  expect(service?.serviceArn).toMatch(/^arn:aws-us-gov:ecs:us-gov-west-1:/);
});
