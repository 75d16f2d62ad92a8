import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { clockko, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("autoscaling and deployment settings are left alone", async () => {
  const settings = {
    maximumPercent: 150,
    minimumHealthyPercent: 50,
    strategy: "ROLLING",
    bakeTimeInMinutes: 0,
    alarms: { alarmNames: ["clockko-5xx"], enable: false, rollback: false },
    membersOfTomorrow: { kept: true },
  };
  const breaker = {
    enable: false,
    rollback: false,
    thresholdConfiguration: { type: "COUNT", value: 5 },
  };
  const stage = await setStage({
    service: {
      desiredCount: 4,
      deploymentConfiguration: { ...settings, deploymentCircuitBreaker: breaker },
    },
  });
  // Autoscaling scales out between two deployments.
  stage.simulator.ecs.setDesiredCount(clockko, 6);
  stage.clock.advance(5 * 60_000);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(inputsOf(stage, "ecs:UpdateService")).toEqual([
    {
      cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/clockko",
      service: "clockko-backend",
      taskDefinition: "arn:aws:ecs:us-east-1:123456789012:task-definition/clockko-backend:2",
      deploymentConfiguration: {
        ...settings,
        deploymentCircuitBreaker: { ...breaker, enable: true, rollback: true },
      },
    },
  ]);
  expect(stage.simulator.ecs.describeService(clockko)).toMatchObject({
    desiredCount: 6,
    runningCount: 6,
  });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/autoscaling-and-deployment-settings-are-left-alone.txt",
  );
});
