import { expect, test } from "vitest";
import {
  declaredNames,
  declaredTwice,
  exportedNames,
  isTest,
  unusedExports,
} from "../../../tools/house/names.ts";
import { parse } from "../../../tools/house/source.ts";

const everyKind = `
  import { imported } from "./x.ts";
  export { again, a as renamed } from "./y.ts";
  export function f(): void {}
  export class C {}
  export interface I {}
  export type T = 1;
  export enum E { inner }
  export const a = 1, { b, c: [d] } = x;
  function g() { const local = 1; }
  const h = 1;
  export { h as i };
  export default h;
`;

test("only top-level names of the file count as declared", () => {
  expect(declaredNames(parse("a.ts", everyKind))).toEqual([
    "f",
    "C",
    "I",
    "T",
    "E",
    "a",
    "b",
    "d",
    "g",
    "h",
  ]);
});

test("exported are declarations, lists, re-exports and the default", () => {
  const names = ["again", "renamed", "f", "C", "I", "T", "E", "a", "b", "d", "i", "default"];
  expect(exportedNames(parse("a.ts", everyKind))).toEqual(names);
});

test("a function with overloads is declared and exported once", () => {
  const source = parse(
    "a.ts",
    "export function f(a: 1): 1;\nexport function f(a: 2): 2;\nexport function f() {}",
  );
  expect([declaredNames(source), exportedNames(source)]).toEqual([["f"], ["f"]]);
});

test("a name that two files declare is found with both of them", () => {
  const sources = [
    parse("src/a.ts", "const same = 1; const one = 1; function over() {}"),
    parse("src/b.ts", 'import { one } from "./a.ts"; type same = 1;'),
  ];
  expect(declaredTwice(sources)).toEqual(new Map([["same", ["src/a.ts", "src/b.ts"]]]));
});

test("exports are unused, used by tests only, or used", () => {
  const a = parse(
    "src/a.ts",
    "export const used = 1; export type Tested = 2; export const unused = used;",
  );
  const entry = parse("src/index.ts", 'import { used } from "./a.ts"; export const face = used;');
  const inTest = parse("__tests__/a.test.ts", 'import { used, type Tested } from "../src/a.ts";');
  const usage = { sources: [a, entry], users: [a, entry, inTest], packages: new Map() };
  expect(unusedExports({ ...usage, isEntry: (path) => path === "src/index.ts" })).toEqual({
    byNone: [{ path: "src/a.ts", name: "unused" }],
    onlyByTests: [{ path: "src/a.ts", name: "Tested" }],
  });
  expect(unusedExports({ ...usage, isEntry: () => false }).byNone).toContainEqual({
    path: "src/index.ts",
    name: "face",
  });
});

test("a name of another file with the same spelling is no use", () => {
  const a = parse("src/a.ts", "export const same = 1;");
  const b = parse("src/b.ts", "export const same = 1;");
  const user = parse("src/c.ts", 'import { same } from "./b.ts";');
  const { byNone } = unusedExports({
    sources: [a, b],
    users: [a, b, user],
    packages: new Map(),
    isEntry: () => false,
  });
  expect(byNone).toEqual([{ path: "src/a.ts", name: "same" }]);
});

test("a file that imports itself does not use its exports", () => {
  const a = parse("src/a.ts", 'import * as self from "./a.ts"; export const b = self.b;');
  const { byNone } = unusedExports({
    sources: [a],
    users: [a],
    packages: new Map(),
    isEntry: () => false,
  });
  expect(byNone).toEqual([{ path: "src/a.ts", name: "b" }]);
});

test.each([
  ["__tests__/unit/a.ts", true],
  ["simulator/test/a.ts", true],
  ["src/a.test.ts", true],
  ["src/testimony.ts", false],
  ["script/house.ts", false],
])("%s is a test: %s", (path, expected) => {
  expect(isTest(path)).toBe(expected);
});
