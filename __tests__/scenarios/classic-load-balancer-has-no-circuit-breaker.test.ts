import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("classic load balancer has no circuit breaker", async () => {
  const stage = await setStage({
    container: { portMappings: [{ containerPort: 80 }] },
    service: {
      loadBalancers: [{ loadBalancerName: "classic", containerName: "app", containerPort: 80 }],
    },
  });

  const play = await stage.play();

  expect(play.outcome.outcome).toBe("succeeded");
  const [update] = inputsOf(stage, "ecs:UpdateService");
  expect(update?.["deploymentConfiguration"]).not.toHaveProperty("deploymentCircuitBreaker");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/classic-load-balancer-has-no-circuit-breaker.txt",
  );
});

test("the circuit breaker can be removed manually, as before", async () => {
  const stage = await setStage({
    container: { portMappings: [{ containerPort: 80 }] },
    service: {
      loadBalancers: [{ loadBalancerName: "classic", containerName: "app", containerPort: 80 }],
    },
  });
  const play = await stage.play({
    "service-patch": "deploymentConfiguration: {deploymentCircuitBreaker: null}",
  });
  expect(play.outcome.outcome).toBe("succeeded");
});
