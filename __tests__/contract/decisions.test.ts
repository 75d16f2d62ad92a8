// docs/decisions/: one record per number, without gaps, each with a status and a date.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readText, root } from "./source.ts";

const folder = "docs/decisions";
const records: ReadonlyMap<string, string> = new Map(
  readdirSync(join(root, folder))
    .sort()
    .map((name) => [name, readText(`${folder}/${name}`)]),
);

test("every decision has its number in name and title, a status and a date, and the numbers have no gap", () => {
  expect(problemsOf(records)).toEqual([]);
});

test.each([
  ["a gap", "0003-b.md", "0003-b.md: expected number 0002"],
  ["a number that is used twice", "0001-b.md", "0001-b.md: expected number 0002"],
])("%s would be found", (_, name, problem) => {
  expect(problemsOf(new Map([record("0001-a.md"), record(name)]))).toEqual([problem]);
});

test.each([
  ["another title", "# 7. A", '0001-a.md: the title must begin with "# 1. "'],
  ["no status", "- Status: hm", "0001-a.md: no status"],
  [
    "a successor that does not exist",
    "- Status: superseded by [decision 3](0003-c.md)",
    "0001-a.md: no status",
  ],
  ["no date", "- Date: soon", "0001-a.md: no date"],
  ["a day that does not exist", "- Date: 2026-02-30", "0001-a.md: no date"],
])("%s would be found", (_, line, problem) => {
  const [name, text] = record("0001-a.md");
  const begin = line.split(/[ \d]/, 2).join(" ");
  const wrong = text.split("\n").map((each) => (each.startsWith(begin) ? line : each));
  expect(problemsOf(new Map([[name, wrong.join("\n")]]))).toEqual([problem]);
});

test("a record may be superseded by another one", () => {
  const [name, text] = record("0001-a.md");
  const old = text.replace("accepted", "superseded by [decision 2](0002-b.md)");
  expect(problemsOf(new Map([[name, old], record("0002-b.md")]))).toEqual([]);
});

function record(name: string): readonly [string, string] {
  return [
    name,
    `# ${Number(name.slice(0, 4))}. A title\n\n- Status: accepted\n- Date: 2026-11-28\n`,
  ];
}

function problemsOf(all: ReadonlyMap<string, string>): readonly string[] {
  return [...all].flatMap(([name, text], index) => {
    const number = String(index + 1).padStart(4, "0");
    if (!name.startsWith(`${number}-`)) return [`${name}: expected number ${number}`];
    const [title = "", , status = "", date = ""] = text.split("\n");
    const problems: string[] = [];
    const begin = `# ${index + 1}. `;
    if (!title.startsWith(begin)) problems.push(`${name}: the title must begin with "${begin}"`);
    if (!isStatus(status, all)) problems.push(`${name}: no status`);
    if (!isDate(date)) problems.push(`${name}: no date`);
    return problems;
  });
}

function isStatus(line: string, all: ReadonlyMap<string, string>): boolean {
  if (line === "- Status: accepted" || line === "- Status: not used") return true;
  const [, successor] = /^- Status: superseded by \[decision \d+\]\((\S+)\)$/.exec(line) ?? [];
  return successor !== undefined && all.has(successor);
}

function isDate(line: string): boolean {
  const [, day] = /^- Date: (\d{4}-\d{2}-\d{2})$/.exec(line) ?? [];
  return day !== undefined && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true;
}
