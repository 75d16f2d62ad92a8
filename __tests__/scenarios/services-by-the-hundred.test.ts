// A hundred services with task definitions of their own, at the rates that ECS documents: slower, but none is left out. Five hundred are in
// the sweep.

import { expect, test } from "vitest";
import { deployHundreds } from "./support/hundreds.ts";

test("a hundred services, at the rates of ECS", { timeout: 60_000 }, async () => {
  const said = await deployHundreds({ count: 100, families: "own", bucketsTake: 80 / 1 + 50 / 5 });
  expect(said).toEqual([
    "The last service is updated about 1 min 33 s after the first call, because ECS limits the rate of its calls: 100 × " +
      "RegisterTaskDefinition, of which ECS accepts 20 at once and then 1 per second; 100 × UpdateService, of which ECS accepts 50 at once " +
      "and then 5 per second.",
  ]);
});
