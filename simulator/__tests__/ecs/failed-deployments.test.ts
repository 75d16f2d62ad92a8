// Deployments that fail: rollback, no rollback, nothing to go back to, the circuit breaker's counting, stop and alarms.

import { describe, expect, it } from "vitest";
import {
  type Behaviour,
  exitsWith,
  failsTargetChecks,
  neverHealthy,
  outOfMemory,
  pullFails,
  runs,
} from "../../src/tasks/scripted-runner.ts";
import { changes, createTestWorld, plainApp, steadyWorld, type World } from "./fixture.ts";

const of = { cluster: "shop", service: "web" };
const brokenSecond = (behaviour: Behaviour) => (launch: { revision: number }) =>
  launch.revision === 2 ? behaviour : runs();
const breaker = (rollback: boolean, more: object = {}) => ({
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback, ...more } },
});

function deployBroken(
  behaviour: Behaviour,
  service: object = {},
  containers?: Parameters<typeof steadyWorld>[2],
): World {
  const world = steadyWorld(brokenSecond(behaviour), service, containers);
  world.update({ taskDefinition: world.register(containers) });
  return world;
}

describe("breaker with rollback", () => {
  it("the old deployment returns as PRIMARY under its own id, the new one is FAILED and vanishes", () => {
    const world = steadyWorld(brokenSecond(exitsWith(1)));
    const [old] = world.deployments();
    world.clock.advance(60_000);
    const since = world.clock.now();
    world.update({ taskDefinition: world.register() });
    const [broken] = world.deployments();
    const seen: string[] = [];
    for (let second = 0; second < 120; second++) {
      world.clock.advance(1_000);
      seen.push(
        [
          world.rollout().status,
          ...world
            .deployments()
            .map(
              (one) =>
                `${one.status} ${one.id === old?.id ? "old" : "new"} ${one.rolloutState} failed=${one.failedTasks}`,
            ),
        ].join(" | "),
      );
    }
    expect(changes(seen)).toEqual([
      "PENDING | PRIMARY new IN_PROGRESS failed=0 | ACTIVE old COMPLETED failed=0",
      "IN_PROGRESS | PRIMARY new IN_PROGRESS failed=0 | ACTIVE old COMPLETED failed=0",
      "IN_PROGRESS | PRIMARY new IN_PROGRESS failed=1 | ACTIVE old COMPLETED failed=0",
      "IN_PROGRESS | PRIMARY new IN_PROGRESS failed=2 | ACTIVE old COMPLETED failed=0",
      "IN_PROGRESS | PRIMARY new IN_PROGRESS failed=3 | ACTIVE old COMPLETED failed=0",
      "ROLLBACK_IN_PROGRESS | PRIMARY old IN_PROGRESS failed=0 | ACTIVE new FAILED failed=3",
      "ROLLBACK_SUCCESSFUL | PRIMARY old IN_PROGRESS failed=0 | ACTIVE new FAILED failed=3",
      "ROLLBACK_SUCCESSFUL | PRIMARY old COMPLETED failed=0",
    ]);
    expect(world.deployments()).toMatchObject([
      {
        id: old?.id,
        createdAt: old?.createdAt,
        rolloutStateReason: `ECS deployment ${old?.id} completed.`,
      },
    ]);
    expect(world.deployments()[0]?.updatedAt?.getTime()).toBeGreaterThan(since);
    expect(world.service().taskDefinition).toMatch(/:1$/);
    expect(world.events(since).slice(-4)).toEqual([
      `(deployment ${broken?.id}) deployment failed: tasks failed to start.`,
      `rolling back to deployment ${old?.id}.`,
      `(deployment ${old?.id}) deployment completed.`,
      "has reached a steady state.",
    ]);
  });

  it("says why in the classic reasons and in the service deployment", () => {
    const world = deployBroken(exitsWith(1));
    world.until("rolling back", () => world.rollout().status === "ROLLBACK_IN_PROGRESS");
    const [returning, failed] = world.deployments();
    expect(returning?.rolloutStateReason).toBe(
      `ECS deployment circuit breaker: rolling back to deploymentId ${returning?.id}.`,
    );
    expect(failed?.rolloutStateReason).toBe(
      "ECS deployment circuit breaker: tasks failed to start.",
    );
    expect(world.rollout()).toMatchObject({
      deploymentCircuitBreaker: { status: "TRIGGERED", failureCount: 3, threshold: 3 },
      rollback: {
        startedAt: new Date(world.clock.now()),
        serviceRevisionArn: world.rollout().sourceServiceRevisions?.[0]?.arn,
      },
    });
    world.clock.advance(60_000);
    expect(world.rollout()).toMatchObject({
      status: "ROLLBACK_SUCCESSFUL",
      statusReason:
        "Service deployment rolled back because the circuit breaker threshold was exceeded.",
    });
    expect(world.rollout()).not.toHaveProperty("stoppedAt");
  });

  it.each([
    ["a crash at start", exitsWith(1)],
    ["out of memory", outOfMemory()],
    ["an image that cannot be pulled", pullFails()],
    ["a health check that fails", neverHealthy()],
    ["a load balancer that finds it unhealthy", failsTargetChecks("arn:tg")],
  ])("%s trips it", (_, behaviour) => {
    const world = deployBroken(behaviour);
    world.until("rolled back", () => world.rollout().status === "ROLLBACK_SUCCESSFUL");
    expect(world.rollout().deploymentCircuitBreaker).toMatchObject({
      status: "TRIGGERED",
      failureCount: 3,
    });
  });

  it("the old tasks run through it all", () => {
    const world = steadyWorld(brokenSecond(exitsWith(1)), { desiredCount: 2 });
    const before = world.tasks().map((task) => task.taskArn);
    world.update({ taskDefinition: world.register() });
    world.until("rolled back", () => world.rollout().status === "ROLLBACK_SUCCESSFUL");
    world.clock.advance(30_000);
    expect(world.tasks().map((task) => task.taskArn)).toEqual(before);
  });

  it("a task that cannot start is named in an event", () => {
    const world = deployBroken(pullFails({ image: "app:9" }));
    world.clock.advance(30_000);
    expect(world.events()).toContain(
      "was unable to place a task. Reason: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref app:9: app:9: not found.",
    );
  });

  it("tasks that never run are relaunched with growing gaps", () => {
    const world = deployBroken(
      pullFails(),
      breaker(true, { thresholdConfiguration: { type: "COUNT", value: 6 } }),
    );
    world.until("rolled back", () => world.rollout().status === "ROLLBACK_SUCCESSFUL");
    const starts = (world.service().events ?? [])
      .filter((event) => event.message?.includes("has started"))
      .map((event) => event.createdAt!.getTime() / 1000)
      .reverse()
      .slice(1);
    const gaps = starts.slice(1).map((start, index) => start - starts[index]!);
    expect(gaps).toHaveLength(5);
    expect(gaps).toEqual([...gaps].sort((one, other) => one - other));
    expect(gaps.at(-1)! - gaps[0]!).toBeGreaterThan(60);
    expect(world.events().join()).toContain("is unable to consistently start tasks successfully.");
  });
});

describe("what counts", () => {
  it("a task without checks that exits after it settled never trips it", () => {
    const world = deployBroken(exitsWith(1, { after: 60_000 }), {}, [plainApp]);
    world.clock.advance(1_200_000);
    expect(world.rollout().status).toBe("SUCCESSFUL");
    expect(world.deployments()[0]?.failedTasks).toBe(0);
  });

  it("a healthy task resets the count, unless resetOnHealthyTask is false", () => {
    const moody = () => {
      let launched = 0;
      return (launch: { revision: number }) => {
        if (launch.revision === 1) return runs();
        return ++launched % 3 === 0
          ? exitsWith(1, { healthyAfter: 3_000, after: 10_000 })
          : exitsWith(1);
      };
    };
    const resets = steadyWorld(moody(), { desiredCount: 2, ...breaker(true) });
    resets.update({ taskDefinition: resets.register() });
    resets.clock.advance(60_000);
    expect(resets.rollout().status).toBe("IN_PROGRESS");

    const keeps = steadyWorld(moody(), {
      desiredCount: 2,
      ...breaker(true, { resetOnHealthyTask: false }),
    });
    keeps.update({ taskDefinition: keeps.register() });
    keeps.until("rolled back", () => keeps.rollout().status === "ROLLBACK_SUCCESSFUL", 60);
  });

  it("a failing health check is left alone during the grace period", () => {
    const world = deployBroken(neverHealthy({ after: 5_000 }), {
      healthCheckGracePeriodSeconds: 120,
    });
    world.clock.advance(110_000);
    expect(world.deployments()[0]).toMatchObject({ failedTasks: 0, runningCount: 1 });
    world.clock.advance(60_000);
    expect(world.deployments()[0]).toMatchObject({ failedTasks: 1 });
    expect(world.events().join()).toMatch(/\(task [0-9a-f]{32}\) failed container health checks\./);
  });

  it("without a breaker it tries for ever", () => {
    const world = deployBroken(exitsWith(1), breaker(false, { enable: false }));
    world.clock.advance(900_000);
    expect(world.rollout()).toMatchObject({
      status: "IN_PROGRESS",
      deploymentCircuitBreaker: { status: "DISABLED" },
    });
    expect(world.deployments()[0]?.failedTasks).toBeGreaterThan(5);
  });
});

describe("breaker without rollback", () => {
  it("the new deployment stays PRIMARY and FAILED, the old tasks stay, two deployments for ever", () => {
    const world = deployBroken(exitsWith(1), breaker(false));
    world.clock.advance(600_000);
    const launches = world.launches.length;
    world.clock.advance(600_000);
    expect(world.launches).toHaveLength(launches);
    expect(world.deployments()).toMatchObject([
      { status: "PRIMARY", rolloutState: "FAILED", failedTasks: 3, runningCount: 0 },
      { status: "ACTIVE", rolloutState: "COMPLETED", runningCount: 1 },
    ]);
    const rollout = world.rollout();
    expect(rollout).toMatchObject({
      status: "STOPPED",
      deploymentCircuitBreaker: { status: "TRIGGERED" },
    });
    expect(rollout.stoppedAt).toEqual(rollout.finishedAt);
    expect(rollout).not.toHaveProperty("rollback");
  });

  it("the next deployment cures it", () => {
    const world = deployBroken(exitsWith(1), breaker(false));
    world.clock.advance(120_000);
    world.update({ taskDefinition: world.register() });
    world.clock.advance(120_000);
    expect(world.rollout().status).toBe("SUCCESSFUL");
    expect(world.deployments()).toHaveLength(1);
  });
});

describe("nothing to go back to", () => {
  it("the first deployment ever: ROLLBACK_FAILED", () => {
    const world = createTestWorld(() => exitsWith(1));
    world.create(world.register());
    world.clock.advance(120_000);
    const [only] = world.deployments();
    expect(world.rollout().status).toBe("ROLLBACK_FAILED");
    expect(world.rollout().statusReason).toContain(
      "No rollback candidate was found to run the rollback",
    );
    expect(only).toMatchObject({ status: "PRIMARY", rolloutState: "FAILED", runningCount: 0 });
    expect(world.events().at(-1)).toBe(
      `Deployment [${only?.id}] rollback has failed. No rollback candidate was found to run the rollback.`,
    );
  });

  it("a third deployment while the second is rolling back", () => {
    let firstIsDown = false;
    const world = steadyWorld((launch) =>
      launch.revision === 1 && !firstIsDown ? runs({ stopsFor: 60_000 }) : exitsWith(1),
    );
    world.update({
      taskDefinition: world.register(),
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
    });
    firstIsDown = true;
    world.until("rolling back", () => world.rollout().status === "ROLLBACK_IN_PROGRESS");
    world.update({ taskDefinition: world.register() });
    world.until("over", () => world.rollout().status === "ROLLBACK_FAILED");
    expect(world.rollout().statusReason).toContain("No rollback candidate");
  });

  it("the way back fails too", () => {
    let down = false;
    const world = steadyWorld(
      (launch) => (launch.revision === 1 && !down ? runs() : exitsWith(1)),
      {
        deploymentConfiguration: {
          minimumHealthyPercent: 0,
          maximumPercent: 100,
          deploymentCircuitBreaker: { enable: true, rollback: true },
        },
      },
    );
    down = true;
    world.update({ taskDefinition: world.register() });
    world.until("rolling back", () => world.rollout().status === "ROLLBACK_IN_PROGRESS");
    world.until("over", () => world.rollout().status === "ROLLBACK_FAILED");
    expect(world.rollout().rollback).toBeDefined();
    expect(world.deployments()[0]).toMatchObject({ status: "PRIMARY", rolloutState: "FAILED" });
    expect(world.service().taskDefinition).toMatch(/:1$/);
  });
});

describe("alarms", () => {
  const alarms = (rollback: boolean) => ({
    deploymentConfiguration: { alarms: { alarmNames: ["5xx", "latency"], enable: true, rollback } },
  });

  it("an alarm rolls back, also while the deployment bakes", () => {
    const world = steadyWorld(undefined, alarms(true));
    world.update({ taskDefinition: world.register() });
    world.clock.advance(120_000);
    expect(world.rollout()).toMatchObject({
      status: "IN_PROGRESS",
      alarms: { status: "MONITORING", alarmNames: ["5xx", "latency"] },
    });
    world.ecs.triggerAlarm("5xx");
    world.until("rolled back", () => world.rollout().status === "ROLLBACK_SUCCESSFUL");
    expect(world.rollout().alarms).toEqual({
      status: "TRIGGERED",
      alarmNames: ["5xx", "latency"],
      triggeredAlarmNames: ["5xx"],
    });
    expect(world.service().taskDefinition).toMatch(/:1$/);
  });

  it("without rollback it stops", () => {
    const world = steadyWorld(undefined, alarms(false));
    world.update({ taskDefinition: world.register() });
    world.clock.advance(20_000);
    world.ecs.triggerAlarm("latency");
    world.clock.advance(5_000);
    expect(world.rollout()).toMatchObject({ status: "STOPPED", alarms: { status: "TRIGGERED" } });
    expect(world.deployments()[0]).toMatchObject({ rolloutState: "FAILED" });
  });

  it("quiet alarms: SUCCESSFUL after the bake time", () => {
    const world = steadyWorld(undefined, alarms(true));
    world.update({ taskDefinition: world.register() });
    world.clock.advance(330_000);
    expect(world.rollout()).toMatchObject({
      status: "SUCCESSFUL",
      alarms: { status: "MONITORING_COMPLETE" },
    });
    expect(world.deployments()[0]?.rolloutState).toBe("COMPLETED");
  });

  it("an alarm that rang before the deployment is ignored", () => {
    const world = steadyWorld(undefined, alarms(true));
    world.ecs.triggerAlarm("5xx");
    world.update({ taskDefinition: world.register() });
    world.clock.advance(400_000);
    expect(world.rollout()).toMatchObject({ status: "SUCCESSFUL", alarms: { status: "DISABLED" } });
  });
});

describe("StopServiceDeployment", () => {
  const stop = (world: World, more: object = {}) =>
    world.call("StopServiceDeployment", {
      serviceDeploymentArn: world.rollout().serviceDeploymentArn,
      ...more,
    });

  it("rolls back, although no rollback is configured", () => {
    const world = steadyWorld(undefined, { deploymentConfiguration: {} });
    world.update({ taskDefinition: world.register() });
    world.clock.advance(6_000);
    const seen = [];
    expect(stop(world)).toEqual({ serviceDeploymentArn: world.rollout().serviceDeploymentArn });
    for (let second = 0; second < 60; second++) {
      seen.push(world.rollout().status);
      world.clock.advance(1_000);
    }
    expect(changes(seen)).toEqual([
      "ROLLBACK_REQUESTED",
      "ROLLBACK_IN_PROGRESS",
      "ROLLBACK_SUCCESSFUL",
    ]);
    expect(world.rollout().stoppedAt).toBeDefined();
    expect(world.service().taskDefinition).toMatch(/:1$/);
    expect(world.deployments()).toMatchObject([{ rolloutState: "COMPLETED" }]);
  });

  it("twice changes nothing; a finished one is a conflict; an unknown one is not found", () => {
    const world = steadyWorld();
    world.update({ taskDefinition: world.register() });
    stop(world);
    stop(world);
    world.clock.advance(120_000);
    expect(() => stop(world)).toThrow(expect.objectContaining({ name: "ConflictException" }));
    expect(() => stop(world, { serviceDeploymentArn: "arn:x" })).toThrow(
      expect.objectContaining({ name: "ServiceDeploymentNotFoundException" }),
    );
  });

  it("ABORT leaves things as they are", () => {
    const world = steadyWorld();
    world.update({ taskDefinition: world.register() });
    world.clock.advance(6_000);
    stop(world, { stopType: "ABORT" });
    expect(world.rollout().status).toBe("STOP_REQUESTED");
    world.clock.advance(60_000);
    expect(world.rollout().status).toBe("STOPPED");
    expect(world.deployments()).toHaveLength(2);
  });
});

it("a service deleted while it rolls: DRAINING, INACTIVE, its history gone", () => {
  const world = steadyWorld();
  world.update({ taskDefinition: world.register() });
  world.clock.advance(6_000);
  const { serviceDeploymentArn } = world.rollout();
  world.ecs.deleteService(of);
  expect(world.service().status).toBe("DRAINING");
  world.clock.advance(30_000);
  expect(world.service()).toMatchObject({ status: "INACTIVE", deployments: [], runningCount: 0 });
  expect(
    world.call("DescribeServiceDeployments", { serviceDeploymentArns: [serviceDeploymentArn] })
      .failures,
  ).toHaveLength(1);
  expect(() => world.update({ forceNewDeployment: true })).toThrow(
    expect.objectContaining({ name: "ServiceNotActiveException" }),
  );
});
