// A hundred services with task definitions of their own, at the rates that ECS documents: slower, but none is left out. Five hundred are in
// the sweep.

import { ecsBuckets } from "ecs-simulator";
import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { deployHundreds } from "./support/hundreds.ts";
import { cancelAfter, setStage } from "./support/stage.ts";

test("a hundred services, at the rates of ECS", { timeout: 60_000 }, async () => {
  const said = await deployHundreds({ count: 100, families: "own", bucketsTake: 80 / 1 + 50 / 5 });
  expect(said).toEqual([
    "The last service is updated about 1 min 33 s after the first call, because ECS limits the rate of its calls: 100 × " +
      "RegisterTaskDefinition, of which ECS accepts 20 at once and then 1 per second; 100 × UpdateService, of which ECS accepts 50 at once " +
      "and then 5 per second.",
  ]);
});

test("other jobs use half of these rates: it takes longer", { timeout: 60_000 }, async () => {
  const names = Array.from({ length: 80 }, (_, index) => `service-${index + 1}`);
  const throttling = ecsBuckets.map((bucket) => ({
    ...bucket,
    burst: bucket.burst / 2,
    perSecond: bucket.perSecond / 2,
  }));
  const stage = await setStage({ services: names, simulator: { throttling } });
  const play = await stage.play({ service: names.join("\n") });
  expect(play.outcome.services.filter(({ outcome }) => outcome !== "succeeded")).toEqual([]);
  const refused = stage.simulator.calls.filter(({ error }) => error === "ThrottlingException");
  console.info(`${refused.length} of ${stage.simulator.calls.length} calls refused`);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length / stage.simulator.calls.length).toBeLessThan(0.25);
});

test("cancelled while updates wait for their turn: these are known not to have been sent", {
  timeout: 60_000,
}, async () => {
  const names = Array.from({ length: 150 }, (_, index) => `service-${index + 1}`);
  const throttling = ecsBuckets;
  const stage = await setStage({
    services: names,
    family: () => "shared",
    simulator: { throttling },
  });
  cancelAfter(stage, 10_000);
  const play = await stage.play({ service: names.join("\n") });
  const sent = inputsOf(stage, "ecs:UpdateService").length;
  expect(sent).toBeGreaterThan(50);
  expect(sent).toBeLessThan(150);
  const lines = (play.outcome.problem?.message ?? "").split("\n");
  expect(lines.filter((line) => /was not updated/.test(line))).toHaveLength(150 - sent);
});
