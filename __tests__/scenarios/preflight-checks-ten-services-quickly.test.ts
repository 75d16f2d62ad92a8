import { expect, test } from "vitest";
import { changesOf } from "./support/no-changes.ts";
import { setStage } from "./support/stage.ts";

test("ten services are checked quickly", async () => {
  const services = Array.from({ length: 9 }, (_, index) => `worker-${index}`);
  const stage = await setStage({ services });
  const inputs = { service: ["clockko-backend", ...services].join("\n"), "dry-run": "true" };
  await stage.play(inputs); // the SDK's code is loaded

  const startedAt = performance.now();
  const play = await stage.play(inputs);
  const milliseconds = performance.now() - startedAt;

  expect(play.outcome).toMatchObject({ outcome: "planned" });
  expect(play.elapsedMilliseconds).toBeLessThan(1_500);
  expect(milliseconds).toBeLessThan(1_500);
  expect(changesOf(play)).toEqual([]);
  expect(play.calls).toContain("ecs:DescribeTaskDefinition ×10");
});
