import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";

const deploymentConfiguration = {
  maximumPercent: 150,
  minimumHealthyPercent: 50,
  deploymentCircuitBreaker: { enable: true, rollback: true, resetOnHealthyTask: false },
  alarms: { alarmNames: ["5xx"], enable: true, rollback: true },
};
const service = { desiredCount: 2, deploymentConfiguration };

test("count, threshold and configuration are in the one update; other settings are kept", async () => {
  const stage = await setStage({ service });

  const play = await stage.play({
    "desired-count": "3",
    "circuit-breaker-threshold": "50%",
    "service-patch": [
      "deploymentConfiguration:",
      "  maximumPercent: 200",
      "  alarms: {alarmNames: [5xx, latency]}",
      "  earlySuccessCriteria: {enable: true, healthyPercent: 50, sourceServiceRevisionCleanup: BLOCKING}",
    ].join("\n"),
  });

  expect(play.outcome.outcome).toBe("succeeded");
  expect(inputsOf(stage, "ecs:UpdateService")).toEqual([
    {
      cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/clockko",
      service: "clockko-backend",
      taskDefinition: "arn:aws:ecs:us-east-1:123456789012:task-definition/clockko-backend:2",
      desiredCount: 3,
      deploymentConfiguration: {
        strategy: "ROLLING",
        bakeTimeInMinutes: 0,
        maximumPercent: 200,
        minimumHealthyPercent: 50,
        deploymentCircuitBreaker: {
          enable: true,
          rollback: true,
          resetOnHealthyTask: false,
          thresholdConfiguration: { type: "BOUNDED_PERCENT", value: 50 },
        },
        alarms: { alarmNames: ["5xx", "latency"], enable: true, rollback: true },
        earlySuccessCriteria: {
          enable: true,
          healthyPercent: 50,
          sourceServiceRevisionCleanup: "BLOCKING",
        },
      },
    },
  ]);
});

test("a desired count, and a forced deployment without changes", async () => {
  const stage = await setStage({ service });
  await stage.play();

  const play = await stage.play({
    "force-new-deployment": "true",
    "circuit-breaker-threshold": "4",
  });

  expect(play.outcome.outcome).toBe("succeeded");
  const [, update] = inputsOf(stage, "ecs:UpdateService");
  expect(update).toMatchObject({
    forceNewDeployment: true,
    deploymentConfiguration: {
      deploymentCircuitBreaker: { thresholdConfiguration: { type: "COUNT", value: 4 } },
    },
  });
  expect(update).not.toHaveProperty("desiredCount");
  expect(inputsOf(stage, "ecs:RegisterTaskDefinition")).toHaveLength(1);
});

test("only service-patch can disable the breaker, and the log says so", async () => {
  const stage = await setStage();
  const play = await stage.play({
    "service-patch":
      "deploymentConfiguration: {deploymentCircuitBreaker: {enable: false, rollback: false}}",
  });
  expect(inputsOf(stage, "ecs:UpdateService")).toMatchObject([
    { deploymentConfiguration: { deploymentCircuitBreaker: { enable: false, rollback: false } } },
  ]);
  expect(play.log.join("\n")).toContain("circuit breaker off, as service-patch says");
});

test.each(["0", "101%", "three", "-1"])("a threshold of %s is refused", async (given) => {
  const play = await (await setStage()).play({ "circuit-breaker-threshold": given });
  expect(play.outcome.reasonCode).toBe("InvalidInput");
  expect(play.calls).toEqual([]);
});

test("settings only, on a steady service: no deployment starts and none is watched", async () => {
  const stage = await setStage();
  await stage.play();
  stage.clock.advance(5 * 60_000);

  const play = await stage.play({ "circuit-breaker-threshold": "7" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", passes: true });
  expect(play.log).toContain(
    "  clockko-backend: the settings are changed; clockko-backend:2 is already running, so no new deployment was started.",
  );
  expect(play.log.join("\n")).not.toMatch(
    /under way already|Watch the rollout|has started 1 tasks/,
  );
});

test("any member of UpdateService changes in the same update; the rest of the member is kept", async () => {
  const stage = await setStage({ service: { propagateTags: "SERVICE" } });

  const play = await stage.play({
    "service-patch": [
      "networkConfiguration: {awsvpcConfiguration: {securityGroups: [sg-1, sg-2]}}",
      "enableExecuteCommand: true",
      "propagateTags: SERVICE",
      "membersOfTomorrow: {kept: true}",
    ].join("\n"),
  });

  expect(play.outcome.outcome).toBe("succeeded");
  const updates = inputsOf(stage, "ecs:UpdateService");
  expect(updates).toMatchObject([
    {
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1", "sg-2"] },
      },
      enableExecuteCommand: true,
      membersOfTomorrow: { kept: true },
    },
  ]);
  expect(updates[0]).not.toHaveProperty("propagateTags");
  expect(play.log.join("\n")).toContain(
    'service-patch: "membersOfTomorrow" is not a member that this action knows. It is sent as it is.',
  );
});

test("a patch that changes nothing starts no deployment", async () => {
  const stage = await setStage();
  const patch = {
    "service-patch":
      "{enableExecuteCommand: true, deploymentConfiguration: {minimumHealthyPercent: 50}, " +
      "networkConfiguration: {awsvpcConfiguration: {securityGroups: [sg-2, sg-1]}}}",
  };
  await stage.play(patch);
  stage.clock.advance(5 * 60_000);

  const play = await stage.play(patch);

  expect(play.outcome).toMatchObject({ outcome: "unchanged", passes: true });
  expect(inputsOf(stage, "ecs:UpdateService")).toHaveLength(1);
});

test("another network for the running revision is a deployment, and it is watched", async () => {
  const stage = await setStage();
  await stage.play();
  stage.clock.advance(5 * 60_000);

  const play = await stage.play({
    "service-patch": "networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-2]}}",
  });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", passes: true });
  expect(inputsOf(stage, "ecs:RegisterTaskDefinition")).toHaveLength(1);
  const [, second] = inputsOf(stage, "ecs:UpdateService");
  expect(second).not.toHaveProperty("forceNewDeployment");
  expect(play.log.join("\n")).toMatch(/has started 1 tasks/);
});

test("a dry run shows the members that the patch changes", async () => {
  const stage = await setStage();
  const play = await stage.play({
    "dry-run": "true",
    "service-patch":
      "{enableExecuteCommand: true, serviceConnectConfiguration: {enabled: true, namespace: shop}}",
  });
  expect(play.log.join("\n")).toContain("  enableExecuteCommand: false → true");
  expect(play.log.join("\n")).toContain("serviceConnectConfiguration.namespace: (none) → shop");
});
