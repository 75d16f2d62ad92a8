import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { clockko, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a circuit breaker without rollback leaves the service failed", async () => {
  const stage = await setStage({
    tasks: () => exitsWith(1, { logs: ["cannot open config.yaml"] }),
  });
  // The update enables the rollback; another user disables it again while the tasks start.
  stage.clock.schedule(5_000, () => {
    const { deploymentConfiguration } = stage.simulator.ecs.describeService(clockko);
    Object.assign(deploymentConfiguration?.deploymentCircuitBreaker ?? {}, { rollback: false });
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RolloutFailed" });
  expect(play.exitCode).toBe(1);
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  expect(play.annotation).toContain("--task-definition clockko-backend:1");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-circuit-breaker-without-rollback-leaves-the-service-failed.txt",
  );
});
