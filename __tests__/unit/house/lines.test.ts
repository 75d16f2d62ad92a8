import { expect, test } from "vitest";
import { countCommentLines, countLines, countLongLines } from "../../../tools/house/lines.ts";
import { parse } from "../../../tools/house/source.ts";

test.each([
  ["", 0],
  ["a\n", 1],
  ["a\n\nb", 3],
])("%j has %i lines", (text, lines) => {
  expect(countLines(text)).toBe(lines);
});

test("a line of 100 columns is not too long, one of 101 is", () => {
  expect(countLongLines(`${"a".repeat(100)}\n${"b".repeat(101)}\n`)).toBe(1);
});

test.each([
  { name: "a comment of its own line", text: "// a\nf();\n", lines: 1 },
  { name: "two lines before a declaration", text: "// a\n// b\nconst c = 1;\n", lines: 2 },
  { name: "a block with an empty line", text: "/** a\n\n b */\nf();\n", lines: 3 },
  { name: "a comment before a closing brace", text: "function f() {\n  // a\n}\n", lines: 1 },
  { name: "a comment within a type", text: "interface A {\n  /** b */\n  b: 1;\n}\n", lines: 1 },
  { name: "a comment at the end of the file", text: "f();\n// a", lines: 1 },
  { name: "a comment after code", text: "f(); // a\n", lines: 0 },
  { name: "the rest of a block that begins after code", text: "f(); /* a\n b */\n", lines: 1 },
  {
    name: "what only looks like a comment",
    text: 'f("// a", `\n// b\n`, /\\/\\/ c/);\n',
    lines: 0,
  },
])("comment lines: $name", ({ text, lines }) => {
  expect(countCommentLines(parse("a.ts", text))).toBe(lines);
});
