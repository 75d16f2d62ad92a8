import { dirname, relative } from "node:path";
import { expect, test } from "vitest";
import { graphOfFiles, graphOfRooms, ringsIn } from "../../../tools/house/rings.ts";
import { parse, type Source } from "../../../tools/house/source.ts";

/** Path → the paths that it imports types from. */
function sources(arrows: Record<string, readonly string[]>): readonly Source[] {
  return Object.entries(arrows).map(([path, targets]) => {
    const specifiers = targets.map((target) => `./${relative(dirname(path), target)}`);
    return parse(path, specifiers.map((text) => `import type { A } from "${text}";`).join("\n"));
  });
}

test("files that import each other's types are a cycle, their importers are not in it", () => {
  const files = sources({
    "src/a.ts": ["src/b.ts"],
    "src/b.ts": ["src/room/c.ts"],
    "src/room/c.ts": ["src/b.ts", "src/d.ts"],
    "src/d.ts": [],
  });
  expect(ringsIn(graphOfFiles(files))).toEqual([["src/b.ts", "src/room/c.ts"]]);
});

test("two cycles that share no file are two", () => {
  const files = sources({
    "src/a.ts": ["src/b.ts"],
    "src/b.ts": ["src/a.ts", "src/c.ts"],
    "src/c.ts": ["src/d.ts"],
    "src/d.ts": ["src/c.ts"],
  });
  expect(ringsIn(graphOfFiles(files))).toEqual([
    ["src/a.ts", "src/b.ts"],
    ["src/c.ts", "src/d.ts"],
  ]);
});

test("a file that imports itself, and one that is imported twice, are no cycle", () => {
  const files = sources({
    "src/a.ts": ["src/a.ts", "src/c.ts"],
    "src/b.ts": ["src/c.ts"],
    "src/c.ts": [],
  });
  expect(ringsIn(graphOfFiles(files))).toEqual([]);
});

test("rooms are in a ring where their files are in no cycle", () => {
  const files = sources({
    "src/one/a.ts": ["src/two/b.ts"],
    "src/two/b.ts": [],
    "src/two/deep/c.ts": ["src/one/d.ts"],
    "src/one/d.ts": ["src/one/e.ts"],
    "src/one/e.ts": [],
    "src/three/f.ts": ["src/one/a.ts"],
  });
  expect(ringsIn(graphOfFiles(files))).toEqual([]);
  expect(ringsIn(graphOfRooms(files, "src"))).toEqual([["one", "two"]]);
});

test("a file in the root that closes a ring of rooms counts as a room", () => {
  const files = sources({
    "src/one/a.ts": ["src/loose.ts"],
    "src/loose.ts": ["src/one/b.ts"],
    "src/one/b.ts": [],
  });
  expect(ringsIn(graphOfRooms(files, "src"))).toEqual([["loose.ts", "one"]]);
});

test("rooms are the folders under the root that is given", () => {
  const files = sources({
    "simulator/src/a/x.ts": ["simulator/src/b/y.ts"],
    "simulator/src/b/y.ts": [],
  });
  expect(graphOfRooms(files, "simulator/src")).toEqual(
    new Map([
      ["a", new Set(["b"])],
      ["b", new Set()],
    ]),
  );
});
