import { expect, test } from "vitest";
import { startersWithinReach, wrongImports } from "./import-rules.ts";
import { readSources } from "./source.ts";

test("every import of src/ points the way the architecture says", () => {
  expect(wrongImports(readSources("src"))).toEqual([]);
});

test.each([
  {
    name: "a room imports the story",
    path: "src/plan/a.ts",
    text: 'import type { x } from "../deploy.ts";',
  },
  {
    name: "errors import a room",
    path: "src/errors.ts",
    text: 'import type { x } from "./plan/plan.ts";',
  },
  { name: "the story imports main", path: "src/deploy.ts", text: 'import { x } from "./main.ts";' },
  {
    name: "a pure room reads files",
    path: "src/plan/a.ts",
    text: 'import { readFileSync } from "node:fs";',
  },
  {
    name: "a pure room calls AWS",
    path: "src/plan/a.ts",
    text: 'import { x } from "../aws/ecs.ts";',
  },
  {
    name: "the verdict sleeps",
    path: "src/deployment/verdict.ts",
    text: 'import { x } from "./watch.ts";',
  },
  {
    name: "the summary prints",
    path: "src/report/summary/summary.ts",
    text: 'import { x } from "../actions-reporter.ts";',
  },
  {
    name: "one value among types is a value",
    path: "src/plan/a.ts",
    text: 'import { type A, b } from "../aws/ecs.ts";',
  },
  {
    name: "a re-export is an import",
    path: "src/plan/a.ts",
    text: 'export { x } from "../aws/ecs.ts";',
  },
  {
    name: "a dynamic import is an import",
    path: "src/plan/a.ts",
    text: 'const x = await import("node:fs");',
  },
  {
    name: "the SDK outside aws/",
    path: "src/deployment/a.ts",
    text: 'import { X } from "@aws-sdk/client-ecs";',
  },
  {
    name: "a process outside process.ts",
    path: "src/image/a.ts",
    text: 'import { spawn } from "node:child_process";',
  },
  {
    name: "exec outside process.ts",
    path: "src/image/a.ts",
    text: 'import { exec } from "@actions/exec";',
  },
  {
    name: "core in a room",
    path: "src/image/a.ts",
    text: 'import * as core from "@actions/core";',
  },
  {
    name: "aws/ reports",
    path: "src/aws/a.ts",
    text: 'import type { x } from "../report/headline.ts";',
  },
  {
    name: "report/ knows AWS",
    path: "src/report/a.ts",
    text: 'import type { X } from "@aws-sdk/client-ecs";',
  },
  {
    name: "the simulator in the action",
    path: "src/aws/a.ts",
    text: 'import { x } from "ecs-simulator/clock";',
  },
  {
    name: "a file of the simulator in the action",
    path: "src/aws/a.ts",
    text: 'import { x } from "../../simulator/src/clock.ts";',
  },
])("a wrong import is found: $name", ({ path, text }) => {
  const wrong = wrongImports(new Map([[path, text]]));
  expect(wrong).not.toEqual([]);
  for (const line of wrong) expect(line).toContain(path);
});

test.each([
  { name: "of values", from: "src/image/a.ts", kind: "import", to: "../deployment/b.ts" },
  { name: "of types", from: "src/plan/a.ts", kind: "import type", to: "../aws/ecs.ts" },
  {
    name: "of types within one layer",
    from: "src/task/a.ts",
    kind: "import type",
    to: "../terraform/cli.ts",
  },
])("an arrow upward is found: $name", ({ from, kind, to }) => {
  const sources = new Map([[from, `${kind} { x } from "${to}";`]]);
  expect(wrongImports(sources)).toEqual([expect.stringContaining("lower layer")]);
});

test("files that import each other in a cycle are found, types included", () => {
  const sources = new Map([
    ["src/plan/a.ts", 'import type { b } from "./b.ts";'],
    ["src/plan/b.ts", 'import type { c } from "./c.ts";'],
    ["src/plan/c.ts", 'import type { a } from "./a.ts";'],
    ["src/plan/d.ts", 'import type { a } from "./a.ts";'],
  ]);
  const cycle = "files import each other in a cycle: src/plan/a.ts, src/plan/b.ts, src/plan/c.ts";
  expect(wrongImports(sources)).toEqual([cycle]);
});

test("a file that no layer has is found", () => {
  expect(wrongImports(new Map([["src/new-room/a.ts", ""]]))).toEqual([
    "src/new-room/a.ts is in no layer",
  ]);
});

test.each([
  {
    name: "types of a lower layer",
    path: "src/plan/a.ts",
    text: 'import type { x } from "../ecs/deployment.ts";',
  },
  {
    name: "types of an impure module",
    path: "src/diagnosis/diagnosis.ts",
    text: 'import { type A, type B } from "../aws/ecs.ts";',
  },
  {
    name: "every room throws",
    path: "src/plan/a.ts",
    text: 'import { DeployError } from "../errors.ts";',
  },
  {
    name: "main puts it all together",
    path: "src/main.ts",
    text: 'import { deploy } from "./deploy.ts";',
  },
])("a correct import is accepted: $name", ({ path, text }) => {
  expect(wrongImports(new Map([[path, text]]))).toEqual([]);
});

test("the post step reaches nothing that starts a deployment", () => {
  expect(startersWithinReach(readSources("src"), "src/post-index.ts")).toEqual([]);
});

test.each([
  { name: "the story", path: "src/post.ts", text: 'import { deploy } from "./deploy.ts";' },
  {
    name: "the story, loaded late",
    path: "src/post.ts",
    text: 'const { main } = await import("./main.ts");',
  },
  {
    name: "all of ECS",
    path: "src/aws/post-session.ts",
    text: 'import { createEcs } from "./ecs.ts";',
  },
  {
    name: "a command of the SDK",
    path: "src/aws/post-session.ts",
    text: 'import { UpdateServiceCommand } from "@aws-sdk/client-ecs";',
  },
  {
    name: "a call of it, by its name as text",
    path: "src/deployment/post-step-rollouts.ts",
    text: 'ecs["updateService"]({});',
  },
  {
    name: "a builder",
    path: "src/image/docker-config.ts",
    text: 'import { chooseBuilder } from "./builders/choose.ts";',
  },
  {
    name: "a process",
    path: "src/terraform/post-step.ts",
    text: 'import { startDetached } from "../process/detached.ts";',
  },
])("a post step that could reach $name is found", ({ path, text }) => {
  const sources = readSources("src");
  const planted = new Map([...sources, [path, `${sources.get(path)}\n${text}`]]);
  expect(startersWithinReach(planted, "src/post-index.ts")).not.toEqual([]);
});

test("main is found to start deployments", () => {
  const found = startersWithinReach(readSources("src"), "src/index.ts");
  for (const name of [
    "updateService",
    "UpdateServiceCommand",
    "registerTaskDefinition",
    "RunTaskCommand",
  ])
    expect(found.some((line) => line.endsWith(`: ${name}`))).toBe(true);
});
