// Sixty steps of the bundled action that are cancelled or killed at random moments, post step included; `script/attack` does a thousand.

import { expect, test } from "vitest";
import { attack, drawPlans, tableOf } from "../rig/interrupt/interrupt.ts";

const seed = Number(process.env["DEPLOY_ECS_SEED"] ?? Date.now() % 1_000_000);

test("whenever it is cancelled or killed, the step reports the truth, leaves no files, and its post step deploys nothing", async () => {
  const attempts = await attack({ runs: 60, seed, atOnce: 4 });
  console.log(`seed ${seed}\n${tableOf(attempts)}`);
  const faults = attempts.flatMap(({ number, faults, log }) =>
    faults.map((fault) => `run ${number}: ${fault}\n  ${log.join("\n  ")}`),
  );
  expect(faults).toEqual([]);
  // Else the moments are drawn from another world than this one.
  expect(attempts.filter(({ met }) => met).length).toBeGreaterThan(20);
});

test("the same seed gives the same interrupt times", () => {
  expect(drawPlans(20, 7)).toEqual(drawPlans(20, 7));
  expect(drawPlans(20, 7)).not.toEqual(drawPlans(20, 8));
});
