// Staged strategies and lifecycle hooks.

import type { DeploymentConfiguration } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { planSteps, trafficShares } from "../../src/ecs/stages.ts";
import { exitsWith, runs } from "../../src/tasks/scripted-runner.ts";
import { changes, steadyWorld, type World } from "./fixture.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:check";
const loadBalancers = [
  {
    targetGroupArn: "arn:blue",
    containerName: "app",
    containerPort: 8080,
    advancedConfiguration: {
      alternateTargetGroupArn: "arn:green",
      productionListenerRule: "arn:rule",
      testListenerRule: "arn:test",
    },
  },
];

function staged(
  configuration: DeploymentConfiguration,
  behaviour?: Parameters<typeof steadyWorld>[0],
): World {
  const world = steadyWorld(behaviour, {
    loadBalancers,
    deploymentConfiguration: {
      deploymentCircuitBreaker: { enable: true, rollback: true },
      bakeTimeInMinutes: 5,
      ...configuration,
    },
  });
  world.update({ taskDefinition: world.register() });
  return world;
}

const weights = (world: World) => [
  world.rollout().sourceServiceRevisions?.[0]?.requestedProductionTrafficWeight,
  world.rollout().targetServiceRevision?.requestedProductionTrafficWeight,
];

function watch<T>(world: World, look: () => T, seconds = 7_200): T[] {
  const seen: T[] = [];
  for (let second = 0; second < seconds; second++) {
    seen.push(look());
    if (
      !["PENDING", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_REQUESTED"].includes(
        world.rollout().status ?? "",
      )
    )
      break;
    world.clock.advance(1_000);
  }
  return changes(seen);
}

describe("blue/green", () => {
  it("goes through its stages in order; both run until clean-up; traffic moves once", () => {
    const world = staged({ strategy: "BLUE_GREEN" });
    const seen = watch(world, () => {
      const { lifecycleStage, sourceServiceRevisions, targetServiceRevision } = world.rollout();
      const [blue, green] = weights(world);
      const counts = `${sourceServiceRevisions?.[0]?.runningTaskCount}/${targetServiceRevision?.runningTaskCount}`;
      return [
        world.rollout().status,
        lifecycleStage ?? "-",
        `test=${targetServiceRevision?.requestedTestTrafficWeight}`,
        `${blue}/${green}`,
        counts,
      ].join(" ");
    });
    expect(seen).toEqual([
      "PENDING - test=0 100/0 1/0",
      "IN_PROGRESS PRE_SCALE_UP test=0 100/0 1/0",
      "IN_PROGRESS SCALE_UP test=0 100/0 1/0",
      "IN_PROGRESS SCALE_UP test=0 100/0 1/1",
      "IN_PROGRESS POST_SCALE_UP test=0 100/0 1/1",
      "IN_PROGRESS TEST_TRAFFIC_SHIFT test=0 100/0 1/1",
      "IN_PROGRESS TEST_TRAFFIC_SHIFT test=100 100/0 1/1",
      "IN_PROGRESS POST_TEST_TRAFFIC_SHIFT test=100 100/0 1/1",
      "IN_PROGRESS PRODUCTION_TRAFFIC_SHIFT test=100 100/0 1/1",
      "IN_PROGRESS PRODUCTION_TRAFFIC_SHIFT test=100 0/100 1/1",
      "IN_PROGRESS POST_PRODUCTION_TRAFFIC_SHIFT test=100 0/100 1/1",
      "IN_PROGRESS BAKE_TIME test=100 0/100 1/1",
      "IN_PROGRESS CLEAN_UP test=100 0/100 0/1",
      "SUCCESSFUL CLEAN_UP test=100 0/100 0/1",
    ]);
    world.clock.advance(5_000);
    expect(world.deployments()).toMatchObject([{ status: "PRIMARY", rolloutState: "COMPLETED" }]);
  });

  it("green crashes: traffic never moves, blue returns", () => {
    const world = staged({ strategy: "BLUE_GREEN" }, (launch) =>
      launch.revision === 2 ? exitsWith(1) : runs(),
    );
    const seen = watch(
      world,
      () =>
        `${world.rollout().status} ${world.rollout().lifecycleStage ?? "-"} ${weights(world).join("/")}`,
    );
    expect(seen.slice(-3)).toEqual([
      "IN_PROGRESS SCALE_UP 100/0",
      "ROLLBACK_IN_PROGRESS SCALE_UP 100/0",
      "ROLLBACK_SUCCESSFUL SCALE_UP 100/0",
    ]);
  });

  it("an alarm during the bake brings all traffic back to blue", () => {
    const world = staged({
      strategy: "BLUE_GREEN",
      alarms: { alarmNames: ["5xx"], enable: true, rollback: true },
    });
    world.until("baking", () => world.rollout().lifecycleStage === "BAKE_TIME");
    expect(weights(world)).toEqual([0, 100]);
    world.ecs.triggerAlarm("5xx");
    world.until("rolled back", () => world.rollout().status === "ROLLBACK_SUCCESSFUL");
    expect(weights(world)).toEqual([100, 0]);
    expect(world.service().taskDefinition).toMatch(/:1$/);
  });

  it("a deployment in the midst of another reconciles first", () => {
    const world = staged({ strategy: "BLUE_GREEN" });
    world.until("baking", () => world.rollout().lifecycleStage === "BAKE_TIME");
    world.update({ taskDefinition: world.register() });
    const stages = watch(world, () => world.rollout().lifecycleStage ?? "-");
    expect(stages.slice(0, 3)).toEqual(["-", "RECONCILE_SERVICE", "PRE_SCALE_UP"]);
    expect(world.rollouts().map((one) => one.status)).toEqual([
      "SUCCESSFUL",
      "STOPPED",
      "SUCCESSFUL",
    ]);
  });
});

describe("linear and canary", () => {
  it("linear shifts in equal steps with a bake between them", () => {
    const world = staged({
      strategy: "LINEAR",
      linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 2 },
    });
    const started = world.elapsed();
    expect(watch(world, () => weights(world).join("/"))).toEqual([
      "100/0",
      "60/40",
      "20/80",
      "0/100",
    ]);
    // Two bakes of two minutes between three shifts, five minutes at the end.
    expect(world.elapsed() - started).toBeGreaterThan(9 * 60);
  });

  it("canary shifts a little, bakes, then the rest", () => {
    const world = staged({
      strategy: "CANARY",
      canaryConfiguration: { canaryPercent: 12.5, canaryBakeTimeInMinutes: 3 },
    });
    world.until("canary", () => weights(world)[1] === 12.5);
    const started = world.elapsed();
    world.until("all", () => weights(world)[1] === 100);
    expect(world.elapsed() - started).toBeGreaterThan(180);
    expect(watch(world, () => world.rollout().status)).toEqual(["IN_PROGRESS", "SUCCESSFUL"]);
  });

  it.each([
    [{ strategy: "LINEAR" }, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 360_000],
    [
      { strategy: "LINEAR", linearConfiguration: { stepPercent: 33.3 } },
      [33.3, 66.6, 99.9, 100],
      360_000,
    ],
    [{ strategy: "CANARY" }, [5, 100], 600_000],
    [{ strategy: "BLUE_GREEN" }, [100], 0],
  ] as const)("the shares of %j", (configuration, percents, bake) => {
    expect(trafficShares(configuration, 60_000)).toEqual({ percents, bake });
  });

  it("a service's first deployment has no traffic to shift", () => {
    expect(
      planSteps(
        { strategy: "CANARY" },
        {
          sources: 0,
          testTraffic: true,
          alarmBake: 0,
          minute: 60_000,
          isExpress: false,
          waitsForInfrastructure: false,
        },
      ),
    ).toEqual([{ do: "roll" }]);
  });
});

describe("Lambda hooks", () => {
  const hooks = (
    ...lifecycleStages: ("PRE_SCALE_UP" | "POST_SCALE_UP" | "POST_TEST_TRAFFIC_SHIFT")[]
  ) => ({
    lifecycleHooks: [{ hookTargetArn: LAMBDA, roleArn: "arn:role", lifecycleStages }],
  });

  it("holds the stage until the function succeeds, asking again while it is IN_PROGRESS", () => {
    const world = staged({ strategy: "BLUE_GREEN", ...hooks("POST_SCALE_UP") });
    world.ecs.setHookResults(LAMBDA, { status: "IN_PROGRESS" }, { status: "SUCCEEDED" });
    world.until("hook", () => world.rollout().lifecycleHookDetails !== undefined);
    expect(world.rollout().lifecycleHookDetails).toMatchObject([
      { targetType: "AWS_LAMBDA", targetArn: LAMBDA, status: "IN_PROGRESS" },
    ]);
    const asked = world.elapsed();
    world.until(
      "answered",
      () => world.rollout().lifecycleHookDetails?.[0]?.status === "SUCCEEDED",
    );
    expect(world.elapsed() - asked).toBeGreaterThanOrEqual(30);
    expect(watch(world, () => world.rollout().status).at(-1)).toBe("SUCCESSFUL");
  });

  it("FAILED rolls back, with AWS's text", () => {
    const world = staged({ strategy: "BLUE_GREEN", ...hooks("PRE_SCALE_UP") });
    world.ecs.setHookResults(LAMBDA, { status: "FAILED" });
    expect(watch(world, () => world.rollout().status).at(-1)).toBe("ROLLBACK_SUCCESSFUL");
    expect(world.rollout().statusReason).toBe(
      `Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target ${LAMBDA} returned FAILED status.`,
    );
    expect(world.launches.filter((launch) => launch.revision === 2)).toEqual([]);
  });

  it("rolling deployments have them too", () => {
    const world = staged({ ...hooks("PRE_SCALE_UP", "POST_SCALE_UP"), bakeTimeInMinutes: 0 });
    const stages = watch(world, () => world.rollout().lifecycleStage ?? "-");
    expect(stages).toEqual(["-", "PRE_SCALE_UP", "-", "POST_SCALE_UP"]);
    expect(world.rollout().status).toBe("SUCCESSFUL");
  });
});

describe("PAUSE hooks", () => {
  const paused = (more: object = {}) => {
    const world = staged({
      strategy: "BLUE_GREEN",
      lifecycleHooks: [
        { targetType: "PAUSE", lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"], ...more },
      ],
    });
    world.until("paused", () => world.rollout().lifecycleHookDetails !== undefined);
    return world;
  };
  const answer = (world: World, more: object = {}) =>
    world.call("ContinueServiceDeployment", {
      serviceDeploymentArn: world.rollout().serviceDeploymentArn,
      hookId: world.rollout().lifecycleHookDetails?.[0]?.hookId,
      ...more,
    });

  const refusal = expect.objectContaining({
    name: "InvalidParameterException",
    message: "The lifecycle hook is not awaiting an action.",
  });

  it("waits for an action, a day by default", () => {
    const world = paused();
    const [hook] = world.rollout().lifecycleHookDetails ?? [];
    expect(hook).toMatchObject({
      targetType: "PAUSE",
      status: "AWAITING_ACTION",
      timeoutAction: "ROLLBACK",
    });
    expect(hook?.hookId).toMatch(/^ecs-pause-/);
    const minutes = (hook!.expiresAt!.getTime() - world.clock.now()) / 60_000;
    expect(Math.ceil(minutes)).toBe(1_440);
    world.clock.advance(3_600_000);
    expect(world.rollout()).toMatchObject({
      status: "IN_PROGRESS",
      lifecycleStage: "POST_TEST_TRAFFIC_SHIFT",
    });
  });

  it("CONTINUE goes on", () => {
    const world = paused();
    expect(answer(world)).toEqual({ serviceDeploymentArn: world.rollout().serviceDeploymentArn });
    expect(watch(world, () => world.rollout().status).at(-1)).toBe("SUCCESSFUL");
    expect(() => answer(world)).toThrow(refusal);
  });

  it("a hook is answered once", () => {
    const world = paused();
    answer(world);
    expect(() => answer(world, { action: "ROLLBACK" })).toThrow(refusal);
    expect(watch(world, () => world.rollout().status).at(-1)).toBe("SUCCESSFUL");
  });

  it("a hook that has expired takes no answer", () => {
    const world = paused({ timeoutConfiguration: { timeoutInMinutes: 5, action: "ROLLBACK" } });
    const [hook] = world.rollout().lifecycleHookDetails ?? [];
    world.clock.advance(hook!.expiresAt!.getTime() - world.clock.now());
    expect(() => answer(world)).toThrow(refusal);
    expect(watch(world, () => world.rollout().status).at(-1)).toBe("ROLLBACK_SUCCESSFUL");
  });

  it("a deployment that was stopped takes no answer", () => {
    const world = paused();
    const { serviceDeploymentArn } = world.rollout();
    world.call("StopServiceDeployment", { serviceDeploymentArn, stopType: "ROLLBACK" });
    expect(() => answer(world)).toThrow(refusal);
  });

  it("an unknown deployment is not found", () => {
    const world = paused();
    const other = `${world.rollout().serviceDeploymentArn}x`;
    expect(() => answer(world, { serviceDeploymentArn: other })).toThrow(
      expect.objectContaining({ name: "ServiceDeploymentNotFoundException" }),
    );
  });

  it("ROLLBACK rolls back", () => {
    const world = paused();
    answer(world, { action: "ROLLBACK" });
    expect(watch(world, () => world.rollout().status).at(-1)).toBe("ROLLBACK_SUCCESSFUL");
  });

  it("an unknown hook is refused", () => {
    expect(() => answer(paused(), { hookId: "other" })).toThrow(
      expect.objectContaining({ name: "InvalidParameterException" }),
    );
  });

  it("times out: rolls back, or continues if configured", () => {
    const back = paused({ timeoutConfiguration: { timeoutInMinutes: 10, action: "ROLLBACK" } });
    expect(watch(back, () => back.rollout().status).at(-1)).toBe("ROLLBACK_SUCCESSFUL");
    expect(back.rollout().lifecycleHookDetails).toMatchObject([{ status: "TIMED_OUT" }]);
    const on = paused({ timeoutConfiguration: { timeoutInMinutes: 10, action: "CONTINUE" } });
    expect(watch(on, () => on.rollout().status).at(-1)).toBe("SUCCESSFUL");
  });
});
