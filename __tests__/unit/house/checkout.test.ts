// A small repository on disk: what script/house reads of it, and what it makes of that.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { barsOf, isMet } from "../../../tools/house/bars.ts";
import { readCheckout } from "../../../tools/house/checkout.ts";
import { type Figures, figuresOf } from "../../../tools/house/figures.ts";
import { barTableOf, namesOf, tableOf } from "../../../tools/house/report.ts";

const files = {
  "package.json": '{ "workspaces": ["simulator"] }',
  "knip.json":
    '{ "entry": ["src/index.ts"], "workspaces": { "simulator": { "entry": ["src/cli.ts"] } } }',
  "src/index.ts": 'import { deploy } from "./deploy.ts";\nexport const step = deploy;\n',
  "src/deploy.ts":
    'import { a } from "./room/a.ts";\n\nexport function deploy() {\n  return a;\n}\n',
  "src/room/a.ts": "// Head.\nexport const a = 1;\nexport const b = a ? 2 : 3;\n",
  "simulator/package.json": JSON.stringify({
    name: "sim",
    exports: {
      ".": "./src/main.ts",
      "./ecs/*": { types: "./src/ecs/*.ts", default: "./src/ecs/*.ts" },
    },
  }),
  "simulator/src/main.ts": "export const main = 1;\nexport const spare = 1;\n",
  "simulator/src/cli.ts": "export const cli = 1;\n",
  "simulator/src/ecs/task.ts": "export const task = 1;\nexport const idle = 1;\n",
  "simulator/node_modules/other/index.ts": "export const other = 1;\n",
  "simulator/test/main.test.ts": 'import { task } from "sim/ecs/task";\n',
  "script/run.ts": 'import { main } from "sim";\n',
  "dist/index.js": "12345",
  "dist/licenses.txt": "123",
};

function repository(texts: Readonly<Record<string, string>> = files): string {
  const folder = mkdtempSync(join(tmpdir(), "house-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function figures(): Figures {
  return figuresOf(readCheckout(repository()));
}

test("the sources of a simulator with a folder src/ are in it", () => {
  const { simulator } = readCheckout(repository());
  expect(simulator.root).toBe("simulator/src");
  const paths = ["simulator/src/cli.ts", "simulator/src/ecs/task.ts", "simulator/src/main.ts"];
  expect(simulator.sources.map(({ path }) => path)).toEqual(paths);
});

test("else they are in simulator/ itself, without tests and installed packages", () => {
  const texts = [
    "simulator/a/b.ts",
    "simulator/a/b.test.ts",
    "simulator/node_modules/c/d.ts",
    "src/deploy.ts",
  ];
  const folder = repository({
    "package.json": "{}",
    "knip.json": "{}",
    ...Object.fromEntries(texts.map((path) => [path, ""])),
  });
  const { simulator } = readCheckout(folder);
  expect(simulator.root).toBe("simulator");
  expect(simulator.sources.map(({ path }) => path)).toEqual(["simulator/a/b.ts"]);
});

test("functions are counted by their lengths", () => {
  const lengths = [1, 2, 30, 31, 60, 61];
  const texts = lengths.map((lines) => `function f${lines}() {${"\n".repeat(lines - 1)}}\n`);
  const folder = repository({ ...files, "src/room/a.ts": texts.join("") });
  expect(figuresOf(readCheckout(folder)).src).toMatchObject({
    functions: 7, // with the one of deploy.ts, 3 lines
    medianFunction: 30,
    functionsOver30: 3,
    functionsOver60: 1,
    longestFunction: { name: "f61", lines: 61 },
  });
});

test("the figures of a tree are counted", () => {
  expect(figures().src).toMatchObject({
    files: 3,
    filesInRoot: 2,
    lines: 10,
    longestFile: { path: "src/deploy.ts", lines: 5 },
    functions: 1,
    namedFunctions: 1,
    medianFunction: 3,
    longestFunction: { name: "deploy", lines: 3 },
    exportedNames: 4,
    commentLines: 1,
    ternaries: 1,
    longLines: 0,
    ringsOfRooms: [],
    unusedExports: { byNone: [{ path: "src/room/a.ts", name: "b" }], onlyByTests: [] },
  });
});

test("names imported from a workspace package are used, exports of entries are ignored", () => {
  expect(figures().simulator.unusedExports).toEqual({
    byNone: [
      { path: "simulator/src/ecs/task.ts", name: "idle" },
      { path: "simulator/src/main.ts", name: "spare" },
    ],
    onlyByTests: [{ path: "simulator/src/ecs/task.ts", name: "task" }],
  });
});

test("deploy.ts and the bundles are measured", () => {
  const { deploy, bundles } = figures();
  expect(deploy).toEqual({ imports: 1, lines: 5 });
  expect(bundles).toEqual([
    { file: "dist/index.js", bytes: 5 },
    { file: "dist/licenses.txt", bytes: 3 },
  ]);
});

test("a bar is met up to its number and missed above it", () => {
  const measured = figures();
  const missed = (deploy: Figures["deploy"], bytes: number) =>
    barsOf({ ...measured, deploy, bundles: [{ file: "dist/a.js", bytes }] })
      .filter((bar) => !isMet(bar))
      .map(({ figure }) => figure);
  const always = ["ternaries per 1,000 lines of src", "exported names of src used by no file"];
  expect(missed({ imports: 15, lines: 120 }, 1_100_000)).toEqual(always);
  const more = ["imports of src/deploy.ts", "lines of src/deploy.ts", "JavaScript in dist, MB"];
  expect(missed({ imports: 16, lines: 121 }, 1_100_001)).toEqual([...always, ...more]);
});

test("the text of licences is not held to the bar of the bundles", () => {
  const bars = barsOf({ ...figures(), bundles: [{ file: "dist/licenses.txt", bytes: 9e6 }] });
  expect(bars.find(({ figure }) => figure === "JavaScript in dist, MB")?.value).toBe(0);
});

test("the tables show each tree, the bundles and each bar", () => {
  const measured = figures();
  expect(tableOf(measured)).toContain("| lines | 10 | 5 |");
  expect(tableOf(measured)).toContain("| bytes of dist | 8 |  |");
  expect(namesOf("src", measured.src)).toContain(
    "Exported names of src used by no file: 1\n- b: src/room/a.ts",
  );
  expect(barTableOf([{ figure: "imports", value: 15, most: 15 }])).toContain(
    "| imports | 15 | ≤ 15 | met |",
  );
  expect(barTableOf([{ figure: "%", value: 1.00001, most: 1 }])).toContain(
    "| % | 1.001 | ≤ 1 | **missed** |",
  );
});
