// The diff is one that git applies.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { convert } from "../../../tools/migrate/convert.ts";
import { unifiedDiff } from "../../../tools/migrate/unified-diff.ts";
import { samples } from "./samples.ts";

test("no difference, no diff", () => {
  expect(unifiedDiff("a.yml", "a\nb\n", "a\nb\n")).toBe("");
});

test("a change in the middle has three lines of context", () => {
  const lines = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
  const before = `${lines.join("\n")}\n`;
  expect(unifiedDiff("a.yml", before, before.replace("5\n", "five\n"))).toBe(
    [
      ...["--- a/a.yml", "+++ b/a.yml", "@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6"],
      ...[" 7", " 8", ""],
    ].join("\n"),
  );
});

test("git applies the diffs of all samples", () => {
  const changed = samples.filter(({ text }) => convert(text).text !== text);
  expect(changed.length).toBeGreaterThan(25);
  for (const { text } of changed) expect(applied(text, convert(text).text)).toBe(true);
});

test("git applies the diff of any two texts, with and without a line break at the end", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "", "d\r"), { maxLength: 12 });
  const text = fc
    .tuple(lines, fc.boolean())
    .map(([all, ends]) => all.join("\n") + (ends ? "\n" : ""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after && before !== "" && after !== "");
      return applied(before, after);
    }),
    { numRuns: 15 },
  );
});

function applied(before: string, after: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), "diff-"));
  try {
    writeFileSync(join(folder, "w.yml"), before);
    execFileSync("git", ["apply", "--unidiff-zero", "--whitespace=nowarn", "-"], {
      cwd: folder,
      input: unifiedDiff("w.yml", before, after),
      env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
    });
    return readFileSync(join(folder, "w.yml"), "utf8") === after;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
