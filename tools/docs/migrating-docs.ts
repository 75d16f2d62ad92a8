// The tables of docs/migrating.md, from the table that the converter follows, and GitHub's starter
// workflow before and after.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { convert } from "../migrate/convert.ts";
import type { Row, Rows } from "../migrate/table/row.ts";
import { type ChainAction, chainTable, targetsOf } from "../migrate/table/table.ts";

const root = resolve(import.meta.dirname, "../..");

/** Names of the sections, and what stands in them. */
export function migratingSections(): Readonly<Record<string, string>> {
  const tables = Object.entries<Rows>(chainTable).map(([action, rows]) => {
    const name = action.split("/")[1] ?? action;
    return [name, tableOf(action as ChainAction, rows)] as const;
  });
  return { starter: starter(), counts: counts(), ...Object.fromEntries(tables) };
}

function tableOf(action: ChainAction, rows: Rows): string {
  const head = `#### ${action}\n\n| input | in deploy-ecs | |\n|---|---|---|\n`;
  const lines = Object.entries(rows).map(
    ([input, row]) => `| \`${input}\` | ${targetText(row)} | ${cell(row.note)} |`,
  );
  return `\n${head}${lines.join("\n")}\n`;
}

function targetText(row: Row): string {
  const names = targetsOf(row).map((name) => `\`${name}\``);
  switch (row.treatment.kind) {
    case "environment":
      return `\`env:\` ${names[0]}`;
    case "automatic":
      return "not needed";
    case "stays":
      return "the step stays";
    case "comment":
      return "no equivalent";
    case "input":
    case "joined":
    case "task-definition-patch":
    case "service-patch":
      return names.join(", ");
  }
}

/** How many of the inputs end how. */
function counts(): string {
  const kinds = Object.values<Rows>(chainTable)
    .flatMap((rows) => Object.values(rows))
    .map((row) => targetText(row));
  const stays = kinds.filter((text) => text === "the step stays").length;
  const none = kinds.filter((text) => text === "no equivalent").length;
  const unneeded = kinds.filter((text) => text === "not needed").length;
  const carried = kinds.length - stays - none - unneeded;
  return (
    `Of the ${kinds.length} inputs, ${carried} are carried over, ${unneeded} are not needed, for ` +
    `${stays} the step that has them stays, and ${none} have no equivalent.`
  );
}

/** The steps of GitHub's starter workflow, side by side. */
function starter(): string {
  const before = readFileSync(join(root, "__tests__/migrate-samples/kinds/starter.yml"), "utf8");
  const cells = [before, convert(before).text].map(
    (text) => `<td>\n\n\`\`\`yaml\n${stepsOf(text)}\`\`\`\n\n</td>`,
  );
  return `\n<table><tr><th>before</th><th>after</th></tr><tr>\n${cells.join("\n")}\n</tr></table>\n`;
}

function stepsOf(text: string): string {
  const lines = text.slice(text.indexOf("    steps:")).split("\n");
  return lines.map((line) => line.replace(/^ {4}/, "")).join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
