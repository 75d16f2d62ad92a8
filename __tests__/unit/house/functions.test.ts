import { expect, test } from "vitest";
import { functionsIn } from "../../../tools/house/functions.ts";
import { parse } from "../../../tools/house/source.ts";

test.each([
  { name: "a declaration", text: "\n// note\nfunction f() {\n  g();\n}\n", found: [["f", 3]] },
  { name: "a documented declaration", text: "/** note */\nfunction f() {}\n", found: [["f", 1]] },
  { name: "an arrow in a variable", text: "const f = () =>\n  g();\n", found: [["f", 2]] },
  { name: "an arrow in a member", text: "const o = { f: () => 1 };", found: [["f", 1]] },
  { name: "an arrow as an argument", text: "list.map((a) => a);", found: [[undefined, 1]] },
  {
    name: "a function in a default value",
    text: "const { f = () => 1 } = o;",
    found: [[undefined, 1]],
  },
  {
    name: "a class",
    text: "class A {\n  constructor() {}\n  get b() { return 1; }\n  c() {}\n}",
    found: [
      [undefined, 1],
      ["b", 1],
      ["c", 1],
    ],
  },
  {
    name: "a function within a function",
    text: "function f() {\n  return function g() {};\n}",
    found: [
      ["f", 3],
      ["g", 1],
    ],
  },
  {
    name: "what has no body",
    text: "declare function f(): void; interface A { b(): void } type C = () => 1;",
    found: [],
  },
])("functions: $name", ({ text, found }) => {
  expect(functionsIn(parse("a.ts", text)).map(({ name, lines }) => [name, lines])).toEqual(found);
});
