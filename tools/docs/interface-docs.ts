// The tables of docs/inputs.md, docs/outputs.md and README.md, from the tables in src/inputs/ and src/reporter/outputs.ts.

import type { InputSpec } from "../../src/inputs/input-spec.ts";
import { inputsOf } from "../../src/inputs/read-verb.ts";
import { everyVerb, type Verb, verbSpecs } from "../../src/inputs/verbs.ts";
import { outputsOf } from "../../src/reporter/outputs.ts";

type Row = readonly [name: string, spec: InputSpec<unknown>];

export type InputGroup = readonly [title: string, inputs: readonly Row[]];

/** The inputs that README.md shows, beside the five of its first workflow. One that does not exist yet is left out. */
export const readmeInputs: readonly string[] = [
  "verify-url",
  "on-verify-failure",
  "wait-until",
  "answer-pause",
  "service-patch",
  "on-older",
  "task-definition",
  "pre-deploy-command",
  "dry-run",
  "rollback",
];

export function groupsOf(verb: Verb): readonly InputGroup[] {
  return Object.entries(Object.groupBy(inputsOf(verb), ([, spec]) => spec.group));
}

/** Of docs/inputs.md: those of `deploy`, and those of each other verb under a heading of its own. */
export function inputSections(): Readonly<Record<string, string>> {
  const others = everyVerb.filter((verb) => verb !== "deploy").sort();
  return {
    inputs: beside(`\n${inputTable(groupsOf("deploy"))}\n`),
    "other-actions": beside(`\n${others.map(inputsOfVerb).join("\n\n")}\n`),
  };
}

export function readmeTable(): string {
  const known = new Map(inputsOf("deploy"));
  const rows = readmeInputs.flatMap((name) => {
    const spec = known.get(name);
    return spec === undefined ? [] : [inputRow([name, spec])];
  });
  return `\n${inputHeader}\n${rows.join("\n")}\n`;
}

export function outputTable(): string {
  const rows = outputsOf("deploy").map(
    ([name, { description }]) => `| \`${name}\` | ${cell(description)} |`,
  );
  return beside(`\n| Output | |\n|---|---|\n${rows.join("\n")}\n`);
}

const inputHeader = "| Input | Default | |\n|---|---|---|";

/** One table with a row for each group: eight small ones would be harder to search. */
function inputTable(groups: readonly InputGroup[]): string {
  const rows = groups.flatMap(([title, members]) => [
    `| **${title}** | | |`,
    ...members.map(inputRow),
  ]);
  return `${inputHeader}\n${rows.join("\n")}`;
}

function inputRow([name, spec]: Row): string {
  const initial = spec.required ? "**required**" : defaultOf(spec);
  return `| \`${name}\` | ${initial} | ${cell(spec.description)} |`;
}

/** What a verb shares with `deploy` is only named. */
function inputsOfVerb(verb: Verb): string {
  const deploy = new Map(inputsOf("deploy"));
  const isShared = ([name, spec]: Row) => isSame(deploy.get(name), spec);
  const shared = inputsOf(verb).filter(isShared);
  const own = inputsOf(verb).filter((row) => !isShared(row));
  const names = shared.map(([name]) => `\`${name}\``).join(", ");
  const parts = [`### ${verb}`, verbSpecs[verb].description, `As above: ${names}.`];
  if (own.length > 0) parts.push(`${inputHeader}\n${own.map(inputRow).join("\n")}`);
  return parts.join("\n\n");
}

function isSame(one: InputSpec<unknown> | undefined, other: InputSpec<unknown>): boolean {
  return (
    one?.description === other.description &&
    one.default === other.default &&
    one.required === other.required
  );
}

function defaultOf({ default: text }: InputSpec<unknown>): string {
  return text === undefined ? "" : `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Descriptions link from the root of the repository; here, the text is of a page in docs/. */
function beside(markdown: string): string {
  return markdown.replaceAll("](docs/", "](");
}
