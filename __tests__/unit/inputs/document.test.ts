import { describe, expect, test } from "vitest";
import { parseDocument, parseObject } from "../../../src/inputs/document.ts";

test.each([
  {
    name: "JSON",
    text: '{"family": "app", "cpu": "256"}',
    expected: { family: "app", cpu: "256" },
  },
  { name: "JSON with a byte order mark", text: '\uFEFF{"a": 1}', expected: { a: 1 } },
  {
    name: "comments and trailing commas",
    text: '// head\n{ /* one */ "a": [1, 2,], // two\n "b": 1,\n}',
    expected: { a: [1, 2], b: 1 },
  },
  {
    name: "what looks like a comment in a string",
    text: '{"a": "http://x/*y*/", "b": ",]"}',
    expected: { a: "http://x/*y*/", b: ",]" },
  },
  {
    name: "an escaped quote before a comment sign",
    text: '{"a": "\\"//"}',
    expected: { a: '"//' },
  },
  {
    name: "YAML",
    text: "family: app\ncpu: '256'\nlist:\n- 1\n",
    expected: { family: "app", cpu: "256", list: [1] },
  },
  {
    name: "YAML's flow style",
    text: "{family: app, essential: true}",
    expected: { family: "app", essential: true },
  },
  {
    name: "anchors and merge keys",
    text: "a: &x {b: 1}\nc: {<<: *x, d: 2}",
    expected: { a: { b: 1 }, c: { b: 1, d: 2 } },
  },
  { name: "YAML 1.2: no is a word", text: "a: no\nb: 0777", expected: { a: "no", b: 777 } },
  { name: "a text of several lines", text: "a: |\n  1\n  2\n", expected: { a: "1\n2\n" } },
  { name: "nothing", text: "# only a comment", expected: null },
  {
    name: "an entry that is commented out",
    text: '{"a": [\n {"n": "A"},\n // {"n": "B"},\n {"n": "C"}\n]}',
    expected: { a: [{ n: "A" }, { n: "C" }] },
  },
  {
    name: "a comment that holds a bracket",
    text: '{"a": 1, // see [1]\n "b": 2}',
    expected: { a: 1, b: 2 },
  },
  { name: "a list's comment that holds a bracket", text: "[1, // ]\n 2]", expected: [1, 2] },
  {
    name: "words around such a comment",
    text: '{"a": [true, /* ] */\n false]}',
    expected: { a: [true, false] },
  },
  { name: "comments up to the end", text: '{"a": 1, // { "b": 2 },\n // ]\n}', expected: { a: 1 } },
  {
    name: "JSON with words without quotes",
    text: `["sh", -c, 'a b']`,
    expected: ["sh", "-c", "a b"],
  },
  {
    name: "a URL in YAML's flow style",
    text: "{url: http://x/y}",
    expected: { url: "http://x/y" },
  },
])("reads $name", ({ text, expected }) => {
  expect(parseDocument(text)).toEqual(expected);
});

describe("says where the mistake is, and never quotes the text", () => {
  test.each([
    { name: "a missing comma", text: '{\n  "a": "s3cret"\n  "b": 1\n}', says: /^line 3, column/ },
    {
      name: "a name that stands twice",
      text: "a: s3cret\na: 2",
      says: /^line 2, column 1: .*second time/,
    },
    { name: "a tab as indentation", text: "a:\n\tb: s3cret", says: /^line 2, column 1/ },
    {
      name: "two documents",
      text: "a: s3cret\n---\nb: 2",
      says: /^line 2, column 1: a second document/,
    },
    { name: "an alias to nothing", text: "a: *s3cret", says: /^line 1|aliases/ },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as templates have it
    { name: "a template's variable", text: '{"cpu": ${s3cret}}', says: /^line 1/ },
  ])("$name", ({ text, says }) => {
    const message = messageOf(() => parseDocument(text));
    expect(message).toMatch(says);
    expect(message).not.toContain("s3cret");
  });
});

test("the names of JavaScript's own prototypes are names like any other", () => {
  for (const text of [
    '{"__proto__": {"a": 1}, "constructor": 2}',
    "__proto__: {a: 1}\nconstructor: 2",
  ]) {
    const value = parseDocument(text);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"a":1},"constructor":2}');
    expect(value).not.toHaveProperty("a");
  }
});

describe("the first mistake, in the words of the text's own format", () => {
  test.each([
    {
      name: "a bracket too many",
      text: '{\n "a": [1],\n  "EC2"\n ],\n "cpu": "256",\n}',
      says: "line 4, column 2: expected a colon",
    },
    {
      name: "a bracket that is missing",
      text: '{\n "a": [{"b": 1},\n "c": 2\n}',
      says: "line 3, column 5: expected a comma or ]",
    },
    {
      name: "a brace that is missing",
      text: '{\n "a": {"b": 1\n',
      says: "line 2, column 7: this { is never closed",
    },
    {
      name: "a list that is not closed",
      text: '["sleep"',
      says: "line 1, column 1: this [ is never closed",
    },
    {
      name: "a text that is not closed",
      text: '{"a": "s3cret\n}',
      says: "line 1, column 7: this text has no quote at the end",
    },
    {
      name: "a comment that is not closed",
      text: '{"a": /* s3cret',
      says: "line 1, column 7: this comment is never closed",
    },
    { name: "a comma too many", text: "[1,, 2]", says: "line 1, column 4: expected a value" },
    {
      name: "a second value",
      text: '{"a": 1}\n{"b": 2}',
      says: "line 2, column 1: expected nothing after the last bracket",
    },
    {
      name: "a name twice",
      text: '{"s3cret": 1,\n "s3cret": 2}',
      says: "line 2, column 2: this name stands here for the second time",
    },
    {
      name: "a name twice in YAML's flow style",
      text: "{a: 1, a: 2}",
      says: "line 1, column 8: this name stands",
    },
    {
      name: "an odd escape",
      text: '{"a": "\\s3cret"}',
      says: "line 1, column 7: JSON does not know what follows a backslash",
    },
    {
      name: "a number too large",
      text: '{"a": 1e999}',
      says: "line 1, column 7: this number is too large",
    },
    {
      name: "YAML's flow style, not closed",
      text: "[alembic, upgrade",
      says: "line 1, column 18: Flow sequence must end with a ]",
    },
    {
      name: "a number that is none in JSON",
      text: "a: .inf",
      says: "expected numbers that JSON can hold",
    },
    {
      name: "a list as a name",
      text: "? [a]\n: 1",
      says: "line 1, column 3: expected a name, got a list or an object",
    },
  ])("$name", ({ text, says }) => {
    const message = messageOf(() => parseDocument(text));
    expect(message).toContain(says);
    expect(message).not.toContain("s3cret");
  });
});

describe("what YAML would read as something else than JSON means is refused", () => {
  test.each([
    { text: "[80 443]", says: "line 1, column 5: expected a comma or ]" },
    {
      text: '{"a": b, "c"}',
      says: "line 1, column 7: expected JSON: a name or a text goes in double quotes",
    },
    { text: '{"a": [b c]}', says: "line 1, column 8: expected JSON" },
    { text: '{"command": [a, // ]\n b]}', says: "line 1, column 14: expected JSON" },
    { text: '{"a": [b, // c\n d]}', says: "line 1, column 8: expected JSON" },
    { text: `{"a": 'b\n c'}`, says: "line 1, column 7: expected JSON" },
    { text: '{"a": "b\n c"}', says: "line 1, column 7: this text has no quote at the end" },
    {
      text: "{family: app, // c\n cpu: 1}",
      says: "line 1, column 15: a comment begins with # here",
    },
    { text: "[a, /* c */ b]", says: "line 1, column 5: a comment begins with # here" },
  ])("$text", ({ text, says }) => {
    expect(messageOf(() => parseDocument(text))).toContain(says);
  });
});

describe("levels", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  const blocks = (levels: number) => `${"- ".repeat(levels)}a`;

  test("a hundred are enough for anybody", () => {
    for (const text of [
      nested(100),
      `{a: ${nested(99)}}`,
      blocks(100),
      '{"a":'.repeat(100).concat("1", "}".repeat(100)),
    ])
      expect(parseDocument(text)).toBeDefined();
  });

  test.each([
    {
      name: "JSON",
      text: nested(101),
      says: "line 1, column 101: expected at most 100 lists and objects",
    },
    {
      name: "YAML by one",
      text: `a: ${nested(100)}`,
      says: "expected at most 100 lists and objects",
    },
    {
      name: "JSON without an end",
      text: '{"a":'.repeat(200_000),
      says: "column 501: expected at most 100",
    },
    {
      name: "YAML's flow style",
      text: `a: ${"[".repeat(100_000)}`,
      says: "expected at most 100 lists and objects",
    },
    { name: "YAML's lists", text: blocks(100_000), says: "expected at most 100 lists and objects" },
    {
      name: "YAML's objects",
      text: Array.from({ length: 1_000 }, (_, level) => `${" ".repeat(level)}a:`).join("\n"),
      says: "line 102, column 103: expected at most 100",
    },
    { name: "an alias in itself", text: "a: &a [*a]", says: "inside each other, aliases resolved" },
    {
      name: "levels by aliases",
      text: `a: &a ${"[".repeat(60)}${"]".repeat(60)}\nb: ${"[".repeat(60)}*a${"]".repeat(60)}`,
      says: "inside each other, aliases resolved",
    },
    {
      name: "a bomb of aliases",
      text: `a: &a [x]\n${["b", "c", "d", "e"].map((name, at) => `${name}: &${name} [${`*${"abcd"[at]}, `.repeat(9)}]`).join("\n")}`,
      says: "its aliases",
    },
  ])("more in $name are refused", ({ text, says }) => {
    expect(messageOf(() => parseDocument(text))).toContain(says);
  });
});

test("a hundred thousand lines of comments are no work", () => {
  const comments = Array.from(
    { length: 100_000 },
    (_, n) => `// "URL_${n}": "http://svc.internal/*x*/",\n`,
  ).join("");
  expect(parseDocument(`{"family": "app",\n${comments}"cpu": "256",\n${comments}}`)).toEqual({
    family: "app",
    cpu: "256",
  });
  expect(messageOf(() => parseDocument(`{"family": "app",\n${comments}"cpu" "256"}`))).toContain(
    "line 100002, column 7",
  );
});

test("more YAML than AWS could take is not read", () => {
  expect(messageOf(() => parseDocument(`a: ${"x".repeat(1_000_000)}`))).toBe(
    "expected at most 1000000 characters of YAML",
  );
});

test("a list is no object", () => {
  expect(messageOf(() => parseObject("- a"))).toBe(
    "expected an object in YAML or JSON (`name: value`), got a list",
  );
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}
