// The simulator is a package: simulator/package.json says what others may import, and what it imports itself.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type PackageManifest, wrongPackageImports } from "./package-rules.ts";
import { readSources, readText, root } from "./source.ts";

const simulator: PackageManifest = JSON.parse(readText("simulator/package.json"));
const folders = ["src", "simulator", "script", "tools", "bench", "examples", "__tests__"];

test("every import respects the packages", () => {
  const sources = new Map(folders.flatMap((folder) => [...readSources(folder)]));
  expect(sources.size).toBeGreaterThan(500);
  expect(wrongPackageImports(sources, simulator)).toEqual([]);
});

test("each export of the simulator is a file, and is used", () => {
  const others = folders.filter((folder) => folder !== "simulator");
  const texts = others.flatMap((folder) => [...readSources(folder).values()]);
  for (const [key, file] of Object.entries(simulator.exports)) {
    expect(existsSync(join(root, "simulator", file))).toBe(true);
    const specifier = `from "${key.replace(/^\./, simulator.name)}";`;
    expect(
      texts.some((text) => text.includes(specifier)),
      specifier,
    ).toBe(true);
  }
});

describe.each([
  {
    name: "a file of the simulator, by path",
    path: "__tests__/unit/a.test.ts",
    target: "../../simulator/src/index.ts",
  },
  {
    name: "a part of the simulator that is not exported",
    path: "bench/a.ts",
    target: "ecs-simulator/src/ecs/state.ts",
  },
  {
    name: "the action's code in the simulator",
    path: "simulator/src/a.ts",
    target: "../../src/clock.ts",
  },
  {
    name: "the action's code in a test of the simulator",
    path: "simulator/__tests__/ecs/a.test.ts",
    target: "../../../src/diagnosis/diagnosis.ts",
  },
  {
    name: "our tests in the simulator",
    path: "simulator/src/a.ts",
    target: "../../__tests__/rig/a.ts",
  },
  { name: "an unlisted package in the simulator", path: "simulator/src/a.ts", target: "yaml" },
  { name: "a test tool in the simulator", path: "simulator/src/a.ts", target: "vitest" },
  { name: "the simulator by its own name", path: "simulator/cli.ts", target: "ecs-simulator" },
  { name: "a script in a test", path: "__tests__/unit/a.test.ts", target: "../../script/docs.ts" },
])("a wrong import is found: $name", ({ path, target }) => {
  test.each(["import", "import type"])("%s", (kind) => {
    const sources = new Map([[path, `${kind} { x } from "${target}";`]]);
    expect(wrongPackageImports(sources, simulator)).toEqual([expect.stringContaining(path)]);
  });
});

test.each([
  { path: "__tests__/unit/a.test.ts", target: "ecs-simulator" },
  { path: "bench/a.ts", target: "ecs-simulator/tasks" },
  { path: "simulator/src/a.ts", target: "./clock.ts" },
  { path: "simulator/src/a.ts", target: "@aws-sdk/client-ecs" },
  { path: "simulator/__tests__/a.test.ts", target: "vitest" },
  { path: "script/docs.ts", target: "../__tests__/rig/a.ts" },
])("$path may import $target", ({ path, target }) => {
  const sources = new Map([[path, `import { x } from "${target}";`]]);
  expect(wrongPackageImports(sources, simulator)).toEqual([]);
});
