// Timelines of rolling deployments: right after the update, success, superseded, percents, early success.

import { describe, expect, it } from "vitest";
import { healthyAfter, runs } from "../../src/tasks/scripted-runner.ts";
import {
  changes,
  checkedApp,
  createTestWorld,
  plainApp,
  steadyWorld,
  type World,
} from "./fixture.ts";

const classic = (world: World) =>
  world
    .deployments()
    .map((one) =>
      [one.status, one.rolloutState, one.desiredCount, one.pendingCount, one.runningCount].join(
        " ",
      ),
    );

/** Each different state of the world, second by second. */
function record<T>(world: World, seconds: number, look: () => T): T[] {
  const seen: T[] = [];
  for (let second = 0; second <= seconds; second++) {
    seen.push(look());
    world.clock.advance(1_000);
  }
  return changes(seen);
}

describe("right after UpdateService", () => {
  it("the new deployment is PRIMARY and wants nothing yet; the old one is ACTIVE and COMPLETED", () => {
    const world = steadyWorld(undefined, { desiredCount: 2 });
    const [before] = world.deployments();
    const updated = world.update({ taskDefinition: world.register() });
    const [primary, active] = updated.deployments ?? [];
    expect(primary).toMatchObject({
      status: "PRIMARY",
      desiredCount: 0,
      pendingCount: 0,
      runningCount: 0,
      failedTasks: 0,
      rolloutState: "IN_PROGRESS",
      rolloutStateReason: `ECS deployment ${primary?.id} in progress.`,
      createdAt: new Date(world.clock.now()),
    });
    expect(primary?.id).toMatch(/^ecs-svc\/\d{19}$/);
    expect(active).toMatchObject({
      id: before?.id,
      status: "ACTIVE",
      rolloutState: "COMPLETED",
      rolloutStateReason: `ECS deployment ${before?.id} completed.`,
    });
    expect(updated.desiredCount).toBe(2);
  });

  it("its currentServiceDeployment is still the previous one", () => {
    const world = steadyWorld();
    const before = world.rollout().serviceDeploymentArn;
    const updated = world.update({ taskDefinition: world.register() });
    expect(updated.currentServiceDeployment).toBe(before);
    expect(world.service().currentServiceDeployment).toBe(world.rollout().serviceDeploymentArn);
    expect(world.rollout().serviceDeploymentArn).not.toBe(before);
  });
});

describe("success", () => {
  it("goes from old to new, SUCCESSFUL before the old tasks are gone, COMPLETED after", () => {
    const world = steadyWorld();
    world.update({ taskDefinition: world.register() });
    expect(
      record(world, 60, () => [world.rollout().status, ...classic(world)].join(" | ")),
    ).toEqual([
      "PENDING | PRIMARY IN_PROGRESS 0 0 0 | ACTIVE COMPLETED 1 0 1",
      "IN_PROGRESS | PRIMARY IN_PROGRESS 1 1 0 | ACTIVE COMPLETED 1 0 1",
      "IN_PROGRESS | PRIMARY IN_PROGRESS 1 0 1 | ACTIVE COMPLETED 1 0 1",
      "IN_PROGRESS | PRIMARY IN_PROGRESS 1 0 1 | ACTIVE COMPLETED 0 0 0",
      "SUCCESSFUL | PRIMARY IN_PROGRESS 1 0 1 | ACTIVE COMPLETED 0 0 0",
      "SUCCESSFUL | PRIMARY IN_PROGRESS 1 0 1",
      "SUCCESSFUL | PRIMARY COMPLETED 1 0 1",
    ]);
    const [primary] = world.deployments();
    expect(primary?.rolloutStateReason).toBe(`ECS deployment ${primary?.id} completed.`);
  });

  it("reports it in events", () => {
    const targetGroupArn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1";
    const world = steadyWorld(undefined, {
      loadBalancers: [{ targetGroupArn, containerName: "app", containerPort: 8080 }],
    });
    const [old] = world.tasks();
    const since = world.clock.now() + 1;
    world.update({ taskDefinition: world.register() });
    const [primary, active] = world.deployments();
    world.clock.advance(90_000);
    const [task] = world.tasks();
    const id = (arn: string | undefined) => arn?.split("/").at(-1);
    expect(world.events(since)).toEqual([
      `has started 1 tasks: (task ${id(task?.taskArn)}).`,
      `registered 1 targets in (target-group ${targetGroupArn})`,
      `deregistered 1 targets in (target-group ${targetGroupArn})`,
      `taskSet ${active?.id}) has begun draining connections on 1 tasks.`,
      `has stopped 1 running tasks: (task ${id(old?.taskArn)}).`,
      `(deployment ${primary?.id}) deployment completed.`,
      "has reached a steady state.",
    ]);
  });

  it("describes its deployment, revisions and images", () => {
    const world = steadyWorld();
    const source = world.rollout().targetServiceRevision?.arn;
    const definition = world.register([
      { ...checkedApp, image: "app:2" },
      { ...plainApp, name: "side", image: "missing:1" },
    ]);
    world.update({ taskDefinition: definition });
    world.clock.advance(60_000);
    const rollout = world.rollout();
    expect(rollout.serviceDeploymentArn).toMatch(
      /:service-deployment\/shop\/web\/[A-Za-z0-9_-]{21}$/,
    );
    expect(rollout).toMatchObject({
      status: "SUCCESSFUL",
      sourceServiceRevisions: [{ arn: source }],
      targetServiceRevision: { requestedTaskCount: 1, runningTaskCount: 1, pendingTaskCount: 0 },
      deploymentCircuitBreaker: { status: "MONITORING_COMPLETE", failureCount: 0, threshold: 3 },
      alarms: { status: "DISABLED" },
      deploymentConfiguration: {
        maximumPercent: 200,
        minimumHealthyPercent: 100,
        strategy: "ROLLING",
      },
    });
    const revision = rollout.targetServiceRevision?.arn ?? "";
    expect(revision).toMatch(/:service-revision\/shop\/web\/\d+$/);
    const [primary] = world.service().deployments ?? [];
    expect(primary?.id).toBe(`ecs-svc/${revision.split("/").at(-1)}`);
    const { serviceRevisions, failures } = world.call("DescribeServiceRevisions", {
      serviceRevisionArns: [revision, `${revision}9`],
    });
    expect(serviceRevisions).toMatchObject([
      {
        taskDefinition: definition,
        containerImages: [
          { containerName: "app", image: "app:2", imageDigest: "sha256:app:2" },
          { containerName: "side", image: "missing:1" },
        ],
      },
    ]);
    expect(serviceRevisions[0].containerImages[1]).not.toHaveProperty("imageDigest");
    expect(failures).toEqual([{ arn: `${revision}9`, reason: "MISSING" }]);
  });

  it("is deterministic: two simulations give the same result", () => {
    const story = () => {
      const world = steadyWorld(undefined, { desiredCount: 3 });
      world.update({ taskDefinition: world.register() });
      world.clock.advance(60_000);
      return JSON.stringify([world.service(), world.rollouts(), world.tasks()]);
    };
    expect(story()).toBe(story());
  });
});

describe("health", () => {
  it("a task without a check counts after 40 s in RUNNING", () => {
    const world = createTestWorld();
    world.create(world.register([plainApp]));
    const running = world.until("running", () => world.deployments()[0]?.runningCount === 1);
    const steady = world.until("steady", () =>
      world.ecs.isSteady({ cluster: "shop", service: "web" }),
    );
    expect(steady - running).toBeGreaterThanOrEqual(40);
    expect(steady - running).toBeLessThanOrEqual(43);
  });

  it("a task with a check counts when it is HEALTHY", () => {
    const world = createTestWorld(() => healthyAfter(90_000));
    world.create(world.register());
    const running = world.until("running", () => world.deployments()[0]?.runningCount === 1);
    const steady = world.until("steady", () =>
      world.ecs.isSteady({ cluster: "shop", service: "web" }),
    );
    expect(steady - running).toBeGreaterThanOrEqual(88);
    expect(steady - running).toBeLessThanOrEqual(92);
  });
});

describe("superseded", () => {
  it("the older deployment is STOPPED 288 ms later, its tasks go, the newer one wins", () => {
    const world = steadyWorld();
    world.update({ taskDefinition: world.register() });
    world.clock.advance(8_000);
    const [middle] = world.deployments();
    const at = world.clock.now();
    world.update({ taskDefinition: world.register() });
    expect(world.rollouts().map((one) => one.status)).toEqual([
      "PENDING",
      "IN_PROGRESS",
      "SUCCESSFUL",
    ]);
    world.clock.advance(300);
    const [newest, older] = world.rollouts();
    expect(older).toMatchObject({ status: "STOPPED", finishedAt: new Date(at + 288) });
    expect(newest).toMatchObject({ status: "PENDING", createdAt: new Date(at) });
    expect(classic(world).map((one) => one.split(" ")[0])).toEqual(["PRIMARY", "ACTIVE", "ACTIVE"]);
    expect(world.deployments()[1]).toMatchObject({ id: middle?.id, rolloutState: "IN_PROGRESS" });
    world.clock.advance(120_000);
    expect(world.rollouts().map((one) => one.status)).toEqual([
      "SUCCESSFUL",
      "STOPPED",
      "SUCCESSFUL",
    ]);
    expect(world.service().taskDefinition).toMatch(/:3$/);
    expect(classic(world)).toEqual(["PRIMARY COMPLETED 1 0 1"]);
  });
});

describe("counts and percentages", () => {
  it("desired count 0: completes at once, and nothing runs", () => {
    const world = steadyWorld(undefined, { desiredCount: 0 });
    world.update({ taskDefinition: world.register() });
    world.clock.advance(20_000);
    expect(world.rollout().status).toBe("SUCCESSFUL");
    expect(classic(world)).toEqual(["PRIMARY COMPLETED 0 0 0"]);
  });

  it("autoscaling while it rolls changes the aim and starts no deployment", () => {
    const world = steadyWorld(undefined, { desiredCount: 2 });
    world.update({ taskDefinition: world.register() });
    world.clock.advance(6_000);
    world.ecs.setDesiredCount({ cluster: "shop", service: "web" }, 5);
    world.clock.advance(120_000);
    expect(classic(world)).toEqual(["PRIMARY COMPLETED 5 0 5"]);
    expect(world.rollouts()).toHaveLength(2);
    world.ecs.setDesiredCount({ cluster: "shop", service: "web" }, 1);
    world.clock.advance(30_000);
    expect(classic(world)).toEqual(["PRIMARY COMPLETED 1 0 1"]);
  });

  it("never fewer than the minimum and never more than the maximum", () => {
    const world = steadyWorld(undefined, {
      desiredCount: 4,
      deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 },
    });
    world.update({ taskDefinition: world.register() });
    const totals = record(world, 200, () =>
      world.deployments().reduce((sum, one) => sum + one.runningCount! + one.pendingCount!, 0),
    );
    expect(Math.min(...totals)).toBe(2);
    expect(Math.max(...totals)).toBe(4);
    expect(world.rollout().status).toBe("SUCCESSFUL");
  });

  it("no capacity allowed by the percentages: reports it, and waits forever", () => {
    const world = steadyWorld(undefined, {
      deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 },
    });
    world.update({ taskDefinition: world.register() });
    world.clock.advance(240_000);
    expect(world.rollout().status).toBe("IN_PROGRESS");
    expect(world.events().at(-1)).toBe(
      "was unable to stop or start tasks during a deployment because of the service deployment configuration. " +
        "Update the minimumHealthyPercent or maximumPercent value and try again.",
    );
    world.update({ deploymentConfiguration: { maximumPercent: 200 } });
    world.clock.advance(60_000);
    expect(world.rollout().status).toBe("SUCCESSFUL");
  });

  it("no capacity: reports it, counts it as a failed task, continues when there is capacity", () => {
    const world = steadyWorld();
    world.ecs.failPlacement(
      "web",
      "Capacity is unavailable at this time. Please try again later or in a different availability zone",
    );
    world.update({ taskDefinition: world.register() });
    world.clock.advance(10_000);
    expect(world.events().at(-1)).toMatch(
      /^was unable to place a task. Reason: Capacity is unavailable at this time/,
    );
    expect(world.deployments()[0]?.failedTasks).toBe(1);
    world.ecs.failPlacement("web", undefined);
    world.clock.advance(90_000);
    expect(world.rollout().status).toBe("SUCCESSFUL");
  });
});

describe("early success", () => {
  const slow = (cleanUp: "BLOCKING" | "DEFERRED") => {
    const late = new Set<string>();
    const world = steadyWorld(
      (launch) => {
        if (launch.revision === 1) return runs();
        late.add(launch.taskId);
        return healthyAfter(late.size > 2 ? 100_000 : 5_000);
      },
      {
        desiredCount: 4,
        deploymentConfiguration: {
          minimumHealthyPercent: 50,
          earlySuccessCriteria: {
            enable: true,
            healthyPercent: 50,
            sourceServiceRevisionCleanup: cleanUp,
          },
        },
      },
    );
    world.update({ taskDefinition: world.register() });
    return world;
  };

  it("DEFERRED: SUCCESSFUL with half of the new tasks while old ones run, the rest in the background", () => {
    const world = slow("DEFERRED");
    world.until("SUCCESSFUL", () => world.rollout().status === "SUCCESSFUL");
    expect(
      world.rollout().finishedAt!.getTime() - world.rollout().createdAt!.getTime(),
    ).toBeLessThan(30_000);
    expect(world.deployments()[1]?.runningCount).toBeGreaterThan(0);
    expect(world.deployments()[0]?.rolloutState).toBe("IN_PROGRESS");
    world.clock.advance(150_000);
    expect(classic(world)).toEqual(["PRIMARY COMPLETED 4 0 4"]);
  });

  it("BLOCKING: the old tasks are gone first", () => {
    const world = slow("BLOCKING");
    world.until("SUCCESSFUL", () => world.rollout().status === "SUCCESSFUL");
    expect(
      world
        .deployments()
        .slice(1)
        .every((one) => one.runningCount === 0),
    ).toBe(true);
    expect(world.deployments()[0]?.runningCount).toBe(4);
    expect(world.tasks().filter((task) => task.healthStatus === "HEALTHY").length).toBe(2);
  });
});

describe("eventual consistency", () => {
  it("for a while readers see the old state and no new deployment", () => {
    const world = steadyWorld();
    const before = world.service();
    world.ecs.setConsistencyDelay(10_000);
    const answered = world.update({ taskDefinition: world.register() });
    expect(answered.deployments).toHaveLength(2);
    world.clock.advance(9_000);
    expect(world.service()).toEqual(before);
    expect(world.rollouts()).toHaveLength(1);
    world.clock.advance(1_000);
    expect(world.deployments()).toHaveLength(2);
    expect(world.rollouts()).toHaveLength(2);
  });

  it("each reader may have its own delay", () => {
    const world = steadyWorld();
    world.ecs.setListDelay(5_000);
    world.update({ taskDefinition: world.register() });
    expect(world.deployments()).toHaveLength(2);
    expect(world.rollouts()).toHaveLength(1);
  });
});

describe("ListServiceDeployments", () => {
  it("newest first, filtered by status and time, in pages", () => {
    const world = steadyWorld();
    world.clock.advance(100_000);
    const between = (world.clock.now() + 500) / 1000;
    world.clock.advance(1_000);
    world.update({ taskDefinition: world.register() });
    const list = (more: object) =>
      world.call("ListServiceDeployments", { cluster: "shop", service: "web", ...more });
    const all = list({}).serviceDeployments;
    expect(all.map((one: { status: string }) => one.status)).toEqual(["PENDING", "SUCCESSFUL"]);
    expect(list({ status: ["SUCCESSFUL"] }).serviceDeployments).toEqual([all[1]]);
    expect(list({ createdAt: { after: between } }).serviceDeployments).toEqual([all[0]]);
    expect(list({ createdAt: { before: between } }).serviceDeployments).toEqual([all[1]]);
    const first = list({ maxResults: 1 });
    expect(list({ maxResults: 1, nextToken: first.nextToken }).serviceDeployments).toEqual([
      all[1],
    ]);
    expect(() => list({ service: "missing" })).toThrow(
      expect.objectContaining({ name: "ServiceNotFoundException" }),
    );
  });

  it("unknown deployments are MISSING", () => {
    const world = steadyWorld();
    const arn = `${world.rollout().serviceDeploymentArn}x`;
    expect(world.call("DescribeServiceDeployments", { serviceDeploymentArns: [arn] })).toEqual({
      serviceDeployments: [],
      failures: [{ arn, reason: "MISSING" }],
    });
    const many = Array.from({ length: 21 }, () => arn);
    expect(() => world.call("DescribeServiceDeployments", { serviceDeploymentArns: many })).toThrow(
      "between 1 and 20",
    );
  });
});
