import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { isCode, tokensOf } from "../unit/report/reading.ts";

const folder = "__tests__/scenarios/transcripts";

interface Alert {
  readonly file: string;
  readonly blocks: readonly { readonly language: string; readonly text: string }[];
  /** What stands between the blocks, by lines. */
  readonly prose: readonly string[];
}

/** The alert at the top of each summary: what happened, and what to do. */
const alerts: readonly Alert[] = readdirSync(folder).flatMap((file) => {
  const summary = readFileSync(join(folder, file), "utf8").split("--- SUMMARY ---\n")[1] ?? "";
  const [alert] = summary.match(/^> \[!(?:CAUTION|WARNING)\]\n(?:>.*\n)+/m) ?? [];
  if (alert === undefined) return [];
  const tokens = tokensOf(alert.replace(/^> ?/gm, ""));
  const blocks = tokens.filter(isCode).map(({ lang = "", text }) => ({ language: lang, text }));
  const prose = tokens.filter((token) => !isCode(token)).flatMap(({ raw }) => raw.split("\n"));
  return [{ file, blocks, prose }];
});

const pieces = (language: string) =>
  alerts.flatMap(({ file, blocks }) =>
    blocks.flatMap((block) => (block.language === language ? [[file, block.text] as const] : [])),
  );

test("there are hints with blocks of each kind", () => {
  for (const language of ["json", "hcl", "yaml", "sh"])
    expect(pieces(language).length, language).toBeGreaterThan(0);
});

test("JSON is whole: an IAM policy with its Version and its Statement", () => {
  for (const [file, text] of pieces("json"))
    expect(JSON.parse(text), file).toEqual({
      Version: "2012-10-17",
      Statement: expect.arrayContaining([expect.objectContaining({ Effect: "Allow" })]),
    });
});

test("YAML is a map of its own", () => {
  for (const [file, text] of pieces("yaml")) {
    const document = parseDocument(text);
    expect(document.errors, file).toEqual([]);
    expect(document.toJS(), file).toBeTypeOf("object");
    expect(text, file).not.toMatch(/^\s/);
  }
});

test("HCL begins with the head of a block and closes it with its last line", () => {
  for (const [file, text] of pieces("hcl")) {
    expect(text, file).toMatch(/^\w+( "[\w-]+")+ \{\n(.*\n)*\}$/);
    expect(text.split("{").length, file).toBe(text.split("}").length);
  }
});

test("a command is one for a shell, and no line of it is cut by the page", () => {
  for (const [file, text] of pieces("sh")) {
    const lines = text.split("\n");
    expect(text, file).toMatch(/^(aws|terraform) /);
    for (const line of lines.slice(0, -1)) expect(line, file).toMatch(/ \\$/);
    for (const line of lines.slice(1)) expect(line, file).toMatch(/^ {2}-/);
    for (const line of lines) expect(line.length, file).toBeLessThanOrEqual(130);
  }
});

test("no piece of code is left in the prose", () => {
  for (const { file, prose } of alerts)
    for (const line of prose) {
      expect(line, file).not.toMatch(/[{[]\s*(<br>)?$|^\s*[}\]]|^\s{2,}\S/);
      expect(line, file).not.toMatch(/\b(aws|terraform) (?:-chdir=\S+ )?[a-z-]+ [a-z-]+ --[a-z]/);
    }
});
