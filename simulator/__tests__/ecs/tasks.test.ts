import { describe, expect, it } from "vitest";
import {
  blockedBy,
  exitsWith,
  failsToStart,
  outOfMemory,
  runs,
} from "../../src/tasks/scripted-runner.ts";
import { changes, checkedApp, createTestWorld, plainApp, steadyWorld } from "./fixture.ts";

const awslogs = (more: object = {}) => ({
  ...checkedApp,
  logConfiguration: {
    logDriver: "awslogs" as const,
    options: {
      "awslogs-region": "us-east-1",
      "awslogs-group": "/web",
      "awslogs-stream-prefix": "ecs",
      ...more,
    },
  },
});

describe("a service's task", () => {
  it("lives from PROVISIONING to STOPPED", () => {
    const world = createTestWorld();
    world.create(world.register());
    const seen: string[] = [];
    const look = () => {
      const [task] = [
        ...world.tasks(),
        ...world.tasks({ serviceName: "web", desiredStatus: "STOPPED" }),
      ];
      if (task) seen.push(`${task.lastStatus} ${task.desiredStatus} ${task.healthStatus}`);
    };
    for (let half = 0; half < 60; half++) {
      world.clock.advance(500);
      if (half === 50) world.ecs.setDesiredCount({ cluster: "shop", service: "web" }, 0);
      look();
    }
    for (let half = 0; half < 40; half++) {
      world.clock.advance(500);
      look();
    }
    expect(changes(seen)).toEqual([
      "PROVISIONING RUNNING UNKNOWN",
      "PENDING RUNNING UNKNOWN",
      "ACTIVATING RUNNING UNKNOWN",
      "RUNNING RUNNING UNKNOWN",
      "RUNNING RUNNING HEALTHY",
      "DEACTIVATING STOPPED HEALTHY",
      "STOPPING STOPPED HEALTHY",
      "DEPROVISIONING STOPPED HEALTHY",
      "STOPPED STOPPED HEALTHY",
    ]);
  });

  it("names its deployment, group, image and address", () => {
    const world = steadyWorld(() => runs({ privateIpv4Address: "10.0.0.7" }));
    expect(world.tasks()).toMatchObject([
      {
        startedBy: world.deployments()[0]?.id,
        group: "service:web",
        launchType: "FARGATE",
        cpu: "256",
        memory: "512",
        healthStatus: "HEALTHY",
        containers: [
          {
            name: "app",
            image: "app:1",
            imageDigest: "sha256:app:1",
            lastStatus: "RUNNING",
            healthStatus: "HEALTHY",
            networkInterfaces: [{ privateIpv4Address: "10.0.0.7" }],
          },
        ],
        attachments: [
          {
            type: "ElasticNetworkInterface",
            status: "ATTACHED",
            details: expect.arrayContaining([{ name: "privateIPv4Address", value: "10.0.0.7" }]),
          },
        ],
      },
    ]);
    expect(world.launches[0]).toMatchObject({
      serviceName: "web",
      clusterName: "shop",
      revision: 1,
      family: "web",
    });
  });

  it("replaced: names the requester", () => {
    const world = steadyWorld();
    world.update({ taskDefinition: world.register() });
    world.clock.advance(60_000);
    expect(world.tasks({ serviceName: "web", desiredStatus: "STOPPED" })).toMatchObject([
      {
        stopCode: "ServiceSchedulerInitiated",
        stoppedReason: `Scaling activity initiated by (deployment ${world.deployments()[0]?.id})`,
        containers: [{ exitCode: 0 }],
      },
    ]);
  });

  it("killed by a user: replaced, and no failure", () => {
    const world = steadyWorld();
    const [task] = world.tasks();
    world.call("StopTask", { cluster: "shop", task: task?.taskArn, reason: "trying" });
    world.clock.advance(60_000);
    expect(world.tasks({ serviceName: "web", desiredStatus: "STOPPED" })).toMatchObject([
      { stopCode: "UserInitiated", stoppedReason: "trying" },
    ]);
    expect(world.deployments()[0]).toMatchObject({
      runningCount: 1,
      failedTasks: 0,
      rolloutState: "COMPLETED",
    });
  });

  it.each([
    [
      "a crash",
      exitsWith(3),
      "EssentialContainerExited",
      "Essential container in task exited",
      { exitCode: 3 },
    ],
    [
      "out of memory",
      outOfMemory(),
      "EssentialContainerExited",
      "Essential container in task exited",
      { exitCode: 137, reason: "OutOfMemoryError: Container killed due to memory usage" },
    ],
    [
      "a failed start",
      failsToStart("ResourceInitializationError: no"),
      "TaskFailedToStart",
      "ResourceInitializationError: no",
      {},
    ],
  ])("%s keeps its reasons", (_, behaviour, stopCode, stoppedReason, container) => {
    const world = createTestWorld(() => behaviour);
    world.create(world.register());
    world.clock.advance(25_000);
    const [task] = world.tasks({ serviceName: "web", desiredStatus: "STOPPED" });
    expect(task).toMatchObject({
      stopCode,
      stoppedReason,
      lastStatus: "STOPPED",
      containers: [container],
    });
    if (!("exitCode" in container)) expect(task?.containers?.[0]).not.toHaveProperty("exitCode");
  });
});

describe("a task that does not get on", () => {
  it("is PENDING while a container waits for another; each has its own status and health", () => {
    const world = createTestWorld(() => blockedBy("init", { exitCode: 1 }));
    world.create(world.register([plainApp, { name: "init", image: "init:1", essential: false }]));
    world.clock.advance(60_000);
    expect(world.tasks()[0]).toMatchObject({
      lastStatus: "PENDING",
      containers: [
        { name: "app", lastStatus: "PENDING", healthStatus: "UNKNOWN" },
        { name: "init", lastStatus: "STOPPED", exitCode: 1 },
      ],
    });
    const sick = createTestWorld(() => blockedBy("app", "UNHEALTHY"));
    sick.create(sick.register());
    sick.clock.advance(20_000);
    expect(sick.tasks()[0]).toMatchObject({
      lastStatus: "PENDING",
      healthStatus: "UNHEALTHY",
      containers: [{ lastStatus: "RUNNING", healthStatus: "UNHEALTHY" }],
    });
  });

  it("stays in PROVISIONING, and can be stopped there", () => {
    const world = createTestWorld();
    world.ecs.holdInProvisioning("web");
    world.create(world.register());
    world.clock.advance(600_000);
    expect(world.tasks()[0]).toMatchObject({ lastStatus: "PROVISIONING" });
    world.ecs.setDesiredCount({ cluster: "shop", service: "web" }, 0);
    world.clock.advance(60_000);
    expect(world.tasks({ serviceName: "web", desiredStatus: "STOPPED" })[0]).toMatchObject({
      lastStatus: "STOPPED",
    });
  });

  it("has containers that AWS added, and what became of them", () => {
    const also = [{ name: "aws-guardduty-agent-1", reason: "CannotPullContainerError: x" }];
    const world = createTestWorld(() => exitsWith(1, { also }));
    world.ecs.addContainers("aws-guardduty-agent-1");
    world.create(world.register());
    world.clock.advance(15_000);
    expect(
      world.tasks({ serviceName: "web", desiredStatus: "STOPPED" })[0]?.containers,
    ).toMatchObject([
      { name: "app", exitCode: 1 },
      { name: "aws-guardduty-agent-1", reason: "CannotPullContainerError: x" },
    ]);
  });

  it("a service has the configured event", () => {
    const world = createTestWorld();
    world.create(world.register());
    world.ecs.addEvent(
      { cluster: "shop", service: "web" },
      "operations are being throttled. Will try again later.",
    );
    expect(world.service().events?.[0]?.message).toBe(
      "(service web) operations are being throttled. Will try again later.",
    );
  });
});

describe("ListTasks and DescribeTasks", () => {
  it("startedBy cannot be combined", () => {
    const world = steadyWorld();
    const startedBy = world.deployments()[0]?.id;
    expect(world.tasks({ startedBy })).toHaveLength(1);
    expect(world.tasks({ startedBy: "ecs-svc/1" })).toHaveLength(0);
    expect(() => world.tasks({ startedBy, serviceName: "web" })).toThrow(
      expect.objectContaining({ name: "InvalidParameterException" }),
    );
  });

  it("filters by family and service, in pages", () => {
    const world = steadyWorld(undefined, { desiredCount: 3 });
    expect(world.tasks({ family: "web" })).toHaveLength(3);
    expect(world.tasks({ family: "other" })).toHaveLength(0);
    const first = world.call("ListTasks", { cluster: "shop", maxResults: 2 });
    const rest = world.call("ListTasks", {
      cluster: "shop",
      maxResults: 2,
      nextToken: first.nextToken,
    });
    expect([first.taskArns.length, rest.taskArns.length]).toEqual([2, 1]);
    expect(() => world.tasks({ serviceName: "none" })).toThrow(
      expect.objectContaining({ name: "ServiceNotFoundException" }),
    );
  });

  it("stopped tasks are gone after an hour", () => {
    const world = steadyWorld();
    const [task] = world.tasks();
    world.call("StopTask", { cluster: "shop", task: task?.taskArn });
    world.clock.advance(3_500_000);
    expect(world.tasks({ serviceName: "web", desiredStatus: "STOPPED" })).toHaveLength(1);
    world.clock.advance(200_000);
    expect(world.tasks({ serviceName: "web", desiredStatus: "STOPPED" })).toHaveLength(0);
    const { failures } = world.call("DescribeTasks", { cluster: "shop", tasks: [task?.taskArn] });
    expect(failures).toEqual([{ arn: task?.taskArn, reason: "MISSING" }]);
  });

  it("at most a hundred, at least one", () => {
    const world = steadyWorld();
    expect(() => world.call("DescribeTasks", { cluster: "shop", tasks: [] })).toThrow(
      "Tasks cannot be empty.",
    );
    const many = Array.from({ length: 101 }, () => "x");
    expect(() => world.call("DescribeTasks", { cluster: "shop", tasks: many })).toThrow(
      "must not exceed 100",
    );
  });
});

describe("container logs", () => {
  const execution = { executionRoleArn: "arn:aws:iam::123456789012:role/web-execution" };

  it("go to prefix/container/task id", () => {
    const world = createTestWorld(() => runs({ logs: ["one", "two"] }));
    world.logs.createGroup("/web");
    world.create(world.register([awslogs()], execution));
    world.clock.advance(60_000);
    const [task] = world.tasks();
    const events = world.logs.service.operations["GetLogEvents"]!(
      { logGroupName: "/web", logStreamName: `ecs/app/${task?.taskArn?.split("/").at(-1)}` },
      {} as never,
    ) as { events: { message: string }[] };
    expect(events.events.map((one) => one.message)).toEqual(["one", "two"]);
  });

  it("a missing group stops the task before it starts", () => {
    const world = createTestWorld();
    world.create(world.register([awslogs()], execution));
    world.clock.advance(15_000);
    const [task] = world.tasks({ serviceName: "web", desiredStatus: "STOPPED" });
    expect(task?.stopCode).toBe("TaskFailedToStart");
    expect(task?.stoppedReason).toMatch(
      /failed to validate logger args.*ResourceNotFoundException: The specified log group does not exist/,
    );
    expect(world.launches).toEqual([]);
  });

  it("unless it may be created", () => {
    const world = createTestWorld();
    world.create(world.register([awslogs({ "awslogs-create-group": "true" })], execution));
    world.clock.advance(60_000);
    expect(world.logs.hasGroup("/web")).toBe(true);
    expect(world.rollout().status).toBe("SUCCESSFUL");
  });
});

describe("RunTask", () => {
  const run = (world: ReturnType<typeof createTestWorld>, more: object = {}) =>
    world.call("RunTask", {
      cluster: "shop",
      taskDefinition: "web",
      launchType: "FARGATE",
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
      ...more,
    });
  const migrating = () => {
    const world = createTestWorld(() => exitsWith(0, { after: 20_000 }));
    world.register([plainApp]);
    return world;
  };

  it("runs outside of any service, to its end", () => {
    const world = migrating();
    const { tasks, failures } = run(world, {
      startedBy: "deploy/42",
      overrides: {
        containerOverrides: [
          { name: "app", command: ["migrate"], environment: [{ name: "A", value: "1" }] },
        ],
      },
    });
    expect(failures).toEqual([]);
    expect(tasks).toMatchObject([
      {
        lastStatus: "PROVISIONING",
        desiredStatus: "RUNNING",
        startedBy: "deploy/42",
        group: "family:web",
      },
    ]);
    world.clock.advance(60_000);
    expect(world.launches).toMatchObject([
      { startedBy: "deploy/42", containers: [{ command: ["migrate"], environment: { A: "1" } }] },
    ]);
    expect(world.launches[0]).not.toHaveProperty("serviceName");
    expect(world.tasks({ startedBy: "deploy/42", desiredStatus: "STOPPED" })).toMatchObject([
      {
        lastStatus: "STOPPED",
        stopCode: "EssentialContainerExited",
        containers: [{ exitCode: 0 }],
      },
    ]);
  });

  it("the same client token runs nothing twice; with other parameters it is a conflict", () => {
    const world = migrating();
    const first = run(world, { clientToken: "t-1" });
    world.clock.advance(5_000);
    expect(run(world, { clientToken: "t-1" }).tasks[0].taskArn).toBe(first.tasks[0].taskArn);
    expect(world.tasks({ family: "web" })).toHaveLength(1);
    expect(() => run(world, { clientToken: "t-1", count: 2 })).toThrow(
      expect.objectContaining({ name: "ConflictException" }),
    );
  });

  it("without room: 200 with failures", () => {
    const world = migrating();
    world.ecs.failPlacement("web", "RESOURCE:MEMORY");
    expect(run(world)).toMatchObject({ tasks: [], failures: [{ reason: "RESOURCE:MEMORY" }] });
  });

  it("DescribeTasks may not know it yet", () => {
    const world = migrating();
    world.ecs.setTaskDelay(3_000);
    const { tasks } = run(world);
    const describe = () =>
      world.call("DescribeTasks", { cluster: "shop", tasks: [tasks[0].taskArn] });
    expect(describe()).toMatchObject({ tasks: [], failures: [{ reason: "MISSING" }] });
    world.clock.advance(3_000);
    expect(describe().tasks).toHaveLength(1);
  });

  it("StopTask ends it", () => {
    const world = createTestWorld();
    world.register([plainApp]);
    const { tasks } = run(world);
    world.clock.advance(10_000);
    world.call("StopTask", { cluster: "shop", task: tasks[0].taskArn });
    world.clock.advance(20_000);
    expect(world.tasks({ desiredStatus: "STOPPED" })).toMatchObject([
      { stopCode: "UserInitiated", stoppedReason: "Task stopped by user" },
    ]);
    expect(() => world.call("StopTask", { cluster: "shop", task: "none" })).toThrow(
      "The referenced task was not found.",
    );
  });

  it.each([
    ["eleven at once", { count: 11 }],
    ["two ways of placing", { capacityProviderStrategy: [{ capacityProvider: "FARGATE" }] }],
    ["no network", { networkConfiguration: undefined }],
    ["tags from a service", { propagateTags: "SERVICE" }],
    ["a long startedBy", { startedBy: "x".repeat(129) }],
    ["a long token", { clientToken: "x".repeat(65) }],
    [
      "long overrides",
      { overrides: { containerOverrides: [{ name: "app", command: ["x".repeat(9_000)] }] } },
    ],
    ["an unknown container", { overrides: { containerOverrides: [{ name: "other" }] } }],
  ])("refuses %s", (_, input) => {
    expect(() => run(migrating(), input)).toThrow(
      expect.objectContaining({ name: "InvalidParameterException" }),
    );
  });
});
