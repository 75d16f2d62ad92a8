// A version that fails its verification, and every fault of every AWS call from then on: the step is never green, and says
// "rolled back" only where the service runs the earlier revision again.

import { describe, expect, test } from "vitest";
import { revisionOf } from "../scenarios/support/changes.ts";
import { type Stage, type StageOptions, setStage } from "../scenarios/support/stage.ts";
import { behindLoadBalancer } from "../scenarios/support/traffic-shifting.ts";
import { serveWeb } from "../scenarios/support/web.ts";
import { faultOf, faults } from "./faults.ts";

const lifecycleHooks = [{ targetType: "PAUSE", lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"] }];

const worlds: Readonly<
  Record<
    string,
    {
      readonly options: StageOptions;
      readonly inputs: Readonly<Record<string, string>>;
      readonly calls: readonly string[];
    }
  >
> = {
  "after the rollout": {
    options: {},
    inputs: {},
    calls: ["ecs:UpdateService"],
  },
  "at a stage": {
    options: behindLoadBalancer({ strategy: "BLUE_GREEN", bakeTimeInMinutes: 60 }),
    inputs: { "wait-until": "bake-time" },
    calls: ["ecs:StopServiceDeployment"],
  },
  "at a PAUSE hook": {
    options: behindLoadBalancer({ strategy: "BLUE_GREEN", lifecycleHooks }),
    inputs: {},
    calls: ["ecs:ContinueServiceDeployment"],
  },
};

const everywhere = [
  "ecs:DescribeServices",
  "ecs:ListServiceDeployments",
  "ecs:DescribeServiceDeployments",
];

/** From the first wrong answer on. */
async function playBad(
  {
    options,
    inputs,
  }: { readonly options: StageOptions; readonly inputs: Readonly<Record<string, string>> },
  onFirstAnswer: (stage: Stage) => void,
) {
  const stage = await setStage(options);
  stage.clock.advance(60 * 60_000);
  serveWeb(stage, ({ count }) => {
    if (count === 1) onFirstAnswer(stage);
    return 500;
  });
  const play = await stage.play({ "verify-url": "https://shop.example/", ...inputs });
  return { stage, play };
}

for (const [name, world] of Object.entries(worlds))
  describe(`a version that fails its verification ${name}`, () => {
    test.each([...world.calls, ...everywhere])("%s", async (call) => {
      for (const { name: fault, fault: given, times } of faults) {
        const { stage, play } = await playBad(world, ({ simulator }) =>
          simulator.faults.add(call, faultOf(call, fault, given), times),
        );
        const label = `${call}, ${fault}`;
        expect(play.exitCode, `${label}: never green`).toBe(1);
        expect(play.annotation, `${label}: says why`).not.toBe("");
        if (play.outcome.outcome === "rolled-back")
          expect(revisionOf(stage), `${label}: rolled back in ECS`).toBe("clockko-backend:1");
      }
    });
  });
