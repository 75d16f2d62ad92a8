import { describe, expect, it } from "vitest";
import { checkedApp, createTestWorld } from "./fixture.ts";

const minimal = {
  family: "web",
  containerDefinitions: [{ name: "app", image: "app:1", memory: 128 }],
};

describe("RegisterTaskDefinition", () => {
  it("keeps every member it was given, also those that no SDK knows", () => {
    const world = createTestWorld();
    const input = {
      ...minimal,
      newMember: { deep: [1, { x: "" }] },
      containerDefinitions: [
        {
          ...minimal.containerDefinitions[0],
          environmnt: [{ name: "A", value: "" }],
          mystery: false,
        },
      ],
    };
    world.call("RegisterTaskDefinition", input);
    const { taskDefinition } = world.call("DescribeTaskDefinition", { taskDefinition: "web" });
    expect(taskDefinition).toMatchObject(input);
  });

  it("adds what only ECS may write, and its defaults", () => {
    const world = createTestWorld();
    world.register([checkedApp], { executionRoleArn: "arn:aws:iam::123456789012:role/exec" });
    const { taskDefinition } = world.call("DescribeTaskDefinition", { taskDefinition: "web:1" });
    expect(taskDefinition).toMatchObject({
      taskDefinitionArn: "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1",
      revision: 1,
      status: "ACTIVE",
      compatibilities: ["EC2", "FARGATE"],
      registeredBy: "arn:aws:sts::123456789012:assumed-role/deployer/ci",
      registeredAt: new Date(world.clock.now()),
      volumes: [],
      containerDefinitions: [
        {
          cpu: 0,
          environment: [],
          mountPoints: [],
          portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
        },
      ],
    });
    expect(taskDefinition.requiresAttributes).toContainEqual({ name: "ecs.capability.task-eni" });
  });

  it("makes a new revision of the same content each time", () => {
    const world = createTestWorld();
    expect([world.register(), world.register()].map((arn) => arn.split(":").at(-1))).toEqual([
      "1",
      "2",
    ]);
  });

  it.each([
    ["no family", { family: "" }, "ClientException", "Family should not be null or empty."],
    ["an odd family", { family: "a/b" }, "ClientException", "Family contains invalid characters."],
    [
      "no container",
      { containerDefinitions: [] },
      "ClientException",
      "Container list cannot be empty.",
    ],
    [
      "a nameless container",
      { containerDefinitions: [{ image: "x" }] },
      "ClientException",
      "Container.name should not be null or empty.",
    ],
    [
      "no image",
      { containerDefinitions: [{ name: "x" }] },
      "ClientException",
      "Container.image should not be null or empty.",
    ],
    [
      "two containers of one name",
      { containerDefinitions: [minimal.containerDefinitions[0], minimal.containerDefinitions[0]] },
      "ClientException",
      "Container name 'app' must be unique within a task definition.",
    ],
    [
      "no essential container",
      { containerDefinitions: [{ ...minimal.containerDefinitions[0], essential: false }] },
      "ClientException",
      "At least one container must be essential",
    ],
    [
      "no memory at all",
      { containerDefinitions: [{ name: "app", image: "x" }] },
      "ClientException",
      "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.",
    ],
    [
      "a null member",
      {
        containerDefinitions: [
          { ...minimal.containerDefinitions[0], environment: [{ name: "A", value: null }] },
        ],
      },
      "InvalidParameterException",
      "Value null at 'containerDefinitions.1.member.environment.1.member.value'",
    ],
    [
      "Fargate without cpu",
      { requiresCompatibilities: ["FARGATE"], networkMode: "awsvpc", memory: "512" },
      "ClientException",
      "Fargate requires that 'cpu' be defined at the task level.",
    ],
    [
      "Fargate without memory",
      { requiresCompatibilities: ["FARGATE"], networkMode: "awsvpc", cpu: "256" },
      "ClientException",
      "Fargate requires that 'memory' be defined at the task level.",
    ],
    [
      "a pair that Fargate does not have",
      { requiresCompatibilities: ["FARGATE"], networkMode: "awsvpc", cpu: "256", memory: "4096" },
      "ClientException",
      "No Fargate configuration exists for given values: 256 CPU, 4096 memory.",
    ],
    [
      "Fargate in bridge mode",
      { requiresCompatibilities: ["FARGATE"], cpu: "256", memory: "512" },
      "ClientException",
      "network mode",
    ],
  ])("refuses %s", (_, change, name, text) => {
    const world = createTestWorld();
    const register = () => world.call("RegisterTaskDefinition", { ...minimal, ...change });
    expect(register).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(text) }),
    );
  });

  it.each([
    ["512", "2048"],
    [".5 vCPU", "2 GB"],
    ["4096", "30720"],
    ["16384", "122880"],
  ])("takes the Fargate pair %s, %s", (cpu, memory) => {
    const world = createTestWorld();
    expect(world.register([checkedApp], { cpu, memory })).toContain(":task-definition/web:1");
  });
});

describe("DescribeTaskDefinition", () => {
  it("takes a family, a revision or an ARN; a family means its newest active revision", () => {
    const world = createTestWorld();
    const arns = [world.register(), world.register()];
    world.call("DeregisterTaskDefinition", { taskDefinition: "web:2" });
    const describe = (taskDefinition: string) =>
      world.call("DescribeTaskDefinition", { taskDefinition }).taskDefinition.taskDefinitionArn;
    expect(["web", "web:2", arns[1]!].map(describe)).toEqual([arns[0], arns[1], arns[1]]);
  });

  it("returns tags only if requested, beside the task definition", () => {
    const world = createTestWorld();
    const tags = [{ key: "team", value: "shop" }];
    world.register([checkedApp], { tags });
    const bare = world.call("DescribeTaskDefinition", { taskDefinition: "web" });
    expect(bare).not.toHaveProperty("tags");
    expect(bare.taskDefinition).not.toHaveProperty("tags");
    expect(
      world.call("DescribeTaskDefinition", { taskDefinition: "web", include: ["TAGS"] }).tags,
    ).toEqual(tags);
  });

  it("does not know what is not there", () => {
    const world = createTestWorld();
    const describe = () => world.call("DescribeTaskDefinition", { taskDefinition: "web:9" });
    expect(describe).toThrow(
      expect.objectContaining({
        name: "ClientException",
        message: "Unable to describe task definition.",
      }),
    );
  });
});

describe("DeregisterTaskDefinition and ListTaskDefinitions", () => {
  it("a deregistered revision is INACTIVE, listed apart, and starts nothing any more", () => {
    const world = createTestWorld();
    const [first, second] = [world.register(), world.register()];
    const { taskDefinition } = world.call("DeregisterTaskDefinition", { taskDefinition: second });
    expect(taskDefinition).toMatchObject({
      status: "INACTIVE",
      deregisteredAt: new Date(world.clock.now()),
    });
    expect(world.call("ListTaskDefinitions", { familyPrefix: "web" }).taskDefinitionArns).toEqual([
      first,
    ]);
    expect(world.call("ListTaskDefinitions", { status: "INACTIVE" }).taskDefinitionArns).toEqual([
      second,
    ]);
    expect(() => world.create(second)).toThrow("TaskDefinition is inactive");
    expect(() => world.create("web:7")).toThrow("TaskDefinition not found.");
  });

  it("pages", () => {
    const world = createTestWorld();
    const arns = [world.register(), world.register(), world.register()];
    const first = world.call("ListTaskDefinitions", { maxResults: 2 });
    const rest = world.call("ListTaskDefinitions", { maxResults: 2, nextToken: first.nextToken });
    expect([...first.taskDefinitionArns, ...rest.taskDefinitionArns]).toEqual(arns);
    expect(rest).not.toHaveProperty("nextToken");
  });
});
