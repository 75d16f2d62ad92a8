import { failsTargetChecks } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const targetGroup =
  "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/clockko/0123456789abcdef";

test("load balancer health check fails", async () => {
  const stage = await setStage({
    service: {
      loadBalancers: [{ targetGroupArn: targetGroup, containerName: "app", containerPort: 8080 }],
    },
    container: { portMappings: [{ containerPort: 8080 }] },
    tasks: () => failsTargetChecks(targetGroup, { after: 10_000 }),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("the load balancer health check fails (target group clockko)");
  expect(play.annotation).toContain("healthCheckGracePeriodSeconds");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-load-balancer-health-check-fails.txt",
  );
});
