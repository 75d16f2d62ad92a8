import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a service behind a classic load balancer has no breaker", async () => {
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

test("the breaker may be taken away by hand, as before", async () => {
  const stage = await setStage({
    container: { portMappings: [{ containerPort: 80 }] },
    service: {
      loadBalancers: [{ loadBalancerName: "classic", containerName: "app", containerPort: 80 }],
    },
  });
  const play = await stage.play({ "deployment-configuration": "deploymentCircuitBreaker: null" });
  expect(play.outcome.outcome).toBe("succeeded");
});
