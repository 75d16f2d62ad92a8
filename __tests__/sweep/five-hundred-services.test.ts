// Five hundred services in one step, at the rates that ECS documents: slower, but none is left out.

import { expect, test } from "vitest";
import { deployHundreds, type Hundreds } from "../scenarios/support/hundreds.ts";

test.each<Hundreds & { readonly takes: string }>([
  { count: 500, families: "own", bucketsTake: 480 / 1 + 450 / 5, takes: "9 min 33 s" },
  { count: 500, families: "shared", bucketsTake: 450 / 5, takes: "1 min 31 s" },
])(
  "$count services with $families families, at the rates of ECS",
  async ({ takes, ...hundreds }) => {
    const [said] = await deployHundreds(hundreds);
    expect(said).toContain(`The last service is updated about ${takes} after the first call`);
  },
);
