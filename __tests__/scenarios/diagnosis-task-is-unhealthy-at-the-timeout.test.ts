import { neverHealthy } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("task is unhealthy at the timeout", async () => {
  // The grace period is longer than the wait: ECS stops no task, and no event reports one.
  const stage = await setStage({
    container: { healthCheck: { command: ["CMD-SHELL", "exit 1"] } },
    service: { healthCheckGracePeriodSeconds: 3600, loadBalancers: [] },
    tasks: () => neverHealthy({ logs: ["waiting for the database"] }),
  });

  const play = await stage.play({ "wait-for-minutes": "5" });

  expect(play.outcome).toMatchObject({ outcome: "timed-out", reasonCode: "RolloutTimedOut" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('Container "app" runs, but its health check does not pass.');
  expect(play.annotation).toContain("waiting for the database");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-task-is-unhealthy-at-the-timeout.txt",
  );
});
