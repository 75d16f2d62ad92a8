import { describe, expect, test } from "vitest";
import {
  alert,
  code,
  details,
  fenced,
  inlineMarkdown,
  link,
  paragraphs,
  table,
} from "../../../src/report/markdown.ts";
import { codeBlock, shellBlock } from "../../../src/text/code-block.ts";
import { sanitizeLine } from "../../../src/text/sanitize.ts";
import { hostileTexts } from "../text/hostile.ts";
import { allTokensOf, htmlOf, isCode, isLink, isTable, tokensOf, visibleText } from "./reading.ts";

const texts = hostileTexts(400);

/** What should be left of a text: one line, without what is invisible or marks code. */
function plain(text: string): string {
  return sanitizeLine(text.replace(/\s+/g, " "))
    .replace(/[\u202a-\u202e\u2066-\u2069\u200b`]/g, "")
    .toWellFormed()
    .replace(/\s+/g, " ")
    .trim();
}

const seen = (markdown: string) =>
  visibleText(markdown)
    .replace(/[\u200b`]/g, "")
    .replace(/\s+/g, " ")
    .trim();

describe("hostile texts", () => {
  test("are unchanged in prose, and open no markup", () => {
    for (const text of texts) {
      expect(seen(inlineMarkdown(text)), JSON.stringify(text)).toBe(plain(text));
      const kinds = new Set(allTokensOf(`x ${inlineMarkdown(text)}`).map(({ type }) => type));
      for (const kind of [
        "em",
        "strong",
        "del",
        "image",
        "heading",
        "list",
        "blockquote",
        "hr",
        "def",
      ])
        expect(kinds, JSON.stringify(text)).not.toContain(kind);
    }
  });

  test("are unchanged in code", () => {
    for (const text of texts) expect(seen(code(text)), JSON.stringify(text)).toBe(plain(text));
  });

  test("stay in their cell of a table", () => {
    for (const text of texts) {
      const rows = [[inlineMarkdown(text), code(text), "end"]];
      const [only, ...others] = tokensOf(table(["a", "b", "c"], rows));
      expect(others, JSON.stringify(text)).toEqual([]);
      expect(only && isTable(only) && only.rows[0]?.[2]?.text, JSON.stringify(text)).toBe("end");
      expect(
        only && isTable(only) && seen(only.rows[0]?.[0]?.text ?? ""),
        JSON.stringify(text),
      ).toBe(plain(text));
    }
  });

  test("stay in their fence", () => {
    const reported = (lines: readonly string[]) =>
      lines.filter((line) => line.replaceAll("\u202e", "").trim() !== "").length;
    for (const text of texts) {
      const lines = text.split("\n").map(sanitizeLine);
      const [only, ...others] = tokensOf(fenced(lines));
      expect(others, JSON.stringify(text)).toEqual([]);
      expect(only && isCode(only) && reported(only.text.split("\n")), JSON.stringify(text)).toBe(
        reported(lines),
      );
    }
  });

  test("stay in their alert and in their folded part", () => {
    for (const text of texts) {
      expect(
        tokensOf(alert("CAUTION", `**x**\n\n${paragraphs(text)}`)).map(({ type }) => type),
      ).toEqual(["blockquote"]);
      const html = htmlOf(details(text, fenced([text])));
      expect(html.match(/<details>/g), JSON.stringify(text)).toHaveLength(1);
      expect(html.match(/<\/details>/g), JSON.stringify(text)).toHaveLength(1);
      expect(html).not.toContain("<script");
    }
  });

  test("cannot leave their link", () => {
    for (const text of texts) {
      const [found] = allTokensOf(link(text, `https://example.com/${text}`)).filter(isLink);
      expect(found?.href, JSON.stringify(text)).toMatch(/^https:\/\/example\.com\//);
    }
  });
});

test.each([
  { name: "plain words", text: "all is well", expected: "all is well" },
  {
    name: "quoted names are code",
    text: "set `wait-for-minutes` higher",
    expected: "set `wait-for-minutes` higher",
  },
  {
    name: "an ARN is code, its colons are no emoji",
    text: "may not read arn:aws:secretsmanager:us-east-1:1:secret:key:value.",
    expected: "may not read `arn:aws:secretsmanager:us-east-1:1:secret:key:value`.",
  },
  {
    name: "an address is a link",
    text: "see https://a.example/b_c.",
    expected: "see <https://a.example/b_c>.",
  },
  { name: "a time is left alone", text: "at 09:15:30", expected: "at 09:15:30" },
  { name: "no emoji", text: "a :key: b", expected: "a :\u200bkey: b" },
  { name: "no formula", text: "costs $5", expected: "costs <span>$</span>5" },
  { name: "no heading", text: "# one", expected: "\\# one" },
  { name: "no list", text: "1. one", expected: "1\\. one" },
])("prose: $name", ({ text, expected }) => {
  expect(inlineMarkdown(text)).toBe(expected);
});

test("a very long line is truncated, with an ellipsis", () => {
  expect(inlineMarkdown("y".repeat(5_000))).toBe(`${"y".repeat(2_000)} …`);
  expect(fenced(["y".repeat(5_000)])).toContain(`${"y".repeat(2_000)} …\n`);
});

test.each([
  { name: "lines of one paragraph", text: "one\ntwo", expected: "one<br>\ntwo" },
  { name: "a list", text: "- one\n- two", expected: "- one\n- two" },
  {
    name: "a command can be copied",
    text: `To roll back:\n${shellBlock("aws ecs update-service", "--cluster c")}\nThen look.`,
    expected: "To roll back:\n\n```sh\naws ecs update-service --cluster c\n```\n\nThen look.",
  },
  {
    name: "a block stays whole, empty lines and brackets included",
    text: `Add:\n${codeBlock('{\n\n  "a": [\n  ]\n}', "json")}`,
    expected: 'Add:\n\n```json\n{\n\n  "a": [\n  ]\n}\n```',
  },
  {
    name: "a fence that nothing closes is a line",
    text: "one\n```sh\ntwo",
    expected: "one<br>\n\\`\\`\\`sh<br>\ntwo",
  },
])("paragraphs: $name", ({ text, expected }) => {
  expect(paragraphs(text)).toBe(expected);
});

test("an address that is encoded already is not encoded twice", () => {
  expect(link("x", "https://example.com/a$252Fb?c=d%20e#f(g)")).toBe(
    "[x](https://example.com/a$252Fb?c=d%20e#f%28g%29)",
  );
});
