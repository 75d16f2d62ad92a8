import { expect, test } from "vitest";
import { countImports, importsOf } from "../../../tools/house/imports.ts";
import { parse } from "../../../tools/house/source.ts";

test.each([
  {
    name: "named",
    text: 'import { a, type B, c as d } from "./x.ts";',
    target: "src/room/x.ts",
    names: ["a", "B", "c"],
  },
  { name: "types", text: 'import type { A } from "../x.ts";', target: "src/x.ts", names: ["A"] },
  {
    name: "the default",
    text: 'import a, { b } from "./x.ts";',
    target: "src/room/x.ts",
    names: ["default", "b"],
  },
  { name: "only the effect", text: 'import "./x.ts";', target: "src/room/x.ts", names: [] },
  { name: "a package", text: 'import { a } from "yaml";', target: "yaml", names: ["a"] },
  {
    name: "a package of this repository",
    text: 'import { a } from "pkg/x";',
    target: "pkg/src/x.ts",
    names: ["a"],
  },
  {
    name: "a re-export",
    text: 'export { a as b } from "./x.ts";',
    target: "src/room/x.ts",
    names: ["a"],
  },
  {
    name: "a re-export of all",
    text: 'export * from "./x.ts";',
    target: "src/room/x.ts",
    names: "all",
  },
  {
    name: "an import in a type",
    text: 'type A = import("./x.ts").B;',
    target: "src/room/x.ts",
    names: ["B"],
  },
  {
    name: "a dynamic import of some",
    text: 'const { a: b } = await import("./x.ts");',
    target: "src/room/x.ts",
    names: ["a"],
  },
  {
    name: "a dynamic import",
    text: 'f(await import("./x.ts"));',
    target: "src/room/x.ts",
    names: "all",
  },
  {
    name: "a whole module of which members are read",
    text: 'import * as x from "./x.ts"; x.a(); type B = x.C; f({ x: 1 });',
    target: "src/room/x.ts",
    names: ["a", "C"],
  },
  {
    name: "a whole module that is passed on",
    text: 'import * as x from "./x.ts"; f(x);',
    target: "src/room/x.ts",
    names: "all",
  },
])("imports: $name", ({ text, target, names }) => {
  const [found, ...others] = importsOf(
    parse("src/room/a.ts", text),
    new Map([["pkg/x", "pkg/src/x.ts"]]),
  );
  expect(others).toEqual([]);
  expect(found?.target).toBe(target);
  expect(found?.names).toEqual(names === "all" ? "all" : new Set(names));
});

test("only the declarations at the head of a file count as its imports", () => {
  const text =
    'import a from "a";\nimport type { B } from "b";\nexport { c } from "c";\nawait import("d");\n';
  expect(countImports(parse("a.ts", text))).toBe(2);
});
