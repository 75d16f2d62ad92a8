import { describe, expect, test } from "vitest";
import { parseDocument, parseObject } from "../../../src/inputs/document.ts";

test.each([
  { name: "JSON", text: '{"family": "app", "cpu": "256"}', expected: { family: "app", cpu: "256" } },
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
  { name: "an escaped quote before a comment sign", text: '{"a": "\\"//"}', expected: { a: '"//' } },
  { name: "YAML", text: "family: app\ncpu: '256'\nlist:\n- 1\n", expected: { family: "app", cpu: "256", list: [1] } },
  { name: "YAML's flow style", text: "{family: app, essential: true}", expected: { family: "app", essential: true } },
  {
    name: "anchors and merge keys",
    text: "a: &x {b: 1}\nc: {<<: *x, d: 2}",
    expected: { a: { b: 1 }, c: { b: 1, d: 2 } },
  },
  { name: "YAML 1.2: no is a word", text: "a: no\nb: 0777", expected: { a: "no", b: 777 } },
  { name: "a text of several lines", text: "a: |\n  1\n  2\n", expected: { a: "1\n2\n" } },
  { name: "nothing", text: "# only a comment", expected: null },
])("reads $name", ({ text, expected }) => {
  expect(parseDocument(text)).toEqual(expected);
});

describe("says where the mistake is, and never what stands there", () => {
  test.each([
    { name: "a missing comma", text: '{\n  "a": "s3cret"\n  "b": 1\n}', says: /^line 3, column/ },
    { name: "a name that stands twice", text: "a: s3cret\na: 2", says: /^line 2, column 1: .*second time/ },
    { name: "a tab as indentation", text: "a:\n\tb: s3cret", says: /^line 2, column 1/ },
    { name: "two documents", text: "a: s3cret\n---\nb: 2", says: /^line 2, column 1: a second document/ },
    { name: "an alias to nothing", text: "a: *s3cret", says: /^line 1|aliases/ },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as templates have it
    { name: "a template's variable", text: '{"cpu": ${s3cret}}', says: /^line 1/ },
  ])("$name", ({ text, says }) => {
    const message = messageOf(() => parseDocument(text));
    expect(message).toMatch(says);
    expect(message).not.toContain("s3cret");
  });
});

test("a list is no object", () => {
  expect(messageOf(() => parseObject("- a"))).toBe("expected an object in YAML or JSON (`name: value`), got a list");
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}
