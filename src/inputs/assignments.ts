// What is to be set and what is to be taken away, line by line, PURE. Values are never quoted in a message: they may be secrets.
//
//   NAME=value            the value may hold `=` and may be empty
//   NAME<<END             the lines up to END, as they stand (the form of GITHUB_ENV and GITHUB_OUTPUT)
//   …
//   END
//   -NAME                 takes NAME away
//   -*                    takes away all that were there: what follows replaces them
//   # a comment

import { InputProblem } from "./parsers.ts";

export type Assignment =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly remove: true };

/** Names without blanks, as environments have them. */
export const variables = assignmentsOf(/[^\s=<#-][^\s=<]*/);

/** Keys of tags may hold blanks. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html */
export const tagAssignments = assignmentsOf(/[^\s=<#-](?:[^=<\n]*[^\s=<])?/);

export function assignmentsOf({ source: name }: RegExp) {
  const setting = new RegExp(`^\\s*(${name})=(.*?)\\s*$`);
  const opening = new RegExp(`^\\s*(${name})<<(\\S+)\\s*$`);
  const removal = new RegExp(`^\\s*-(\\*|${name})\\s*$`);
  return (given: string): readonly Assignment[] => {
    const found: Assignment[] = [];
    const lines = given.split(/\r?\n/);
    for (let at = 0; at < lines.length; at++) {
      const line = lines[at] ?? "";
      if (/^\s*(#|$)/.test(line)) continue;
      const [, opened, end] = line.match(opening) ?? [];
      if (opened !== undefined && end !== undefined) {
        const length = lines.slice(at + 1).findIndex((one) => one.trim() === end);
        if (length < 0) throw new InputProblem(`line ${at + 1}: ${opened}<<${end} has no line ${end} that ends it`);
        found.push({ name: opened, value: withoutIndent(lines.slice(at + 1, at + 1 + length)) });
        at += length + 1;
      } else found.push(oneLine(line, at, { setting, removal }));
    }
    refuseTwice(found);
    return found;
  };
}

function oneLine(line: string, at: number, { setting, removal }: Readonly<Record<string, RegExp>>): Assignment {
  const [, name, value] = line.match(setting ?? /^$/) ?? [];
  if (name !== undefined && value !== undefined) return { name, value };
  const [, removed] = line.match(removal ?? /^$/) ?? [];
  if (removed !== undefined) return { name: removed, remove: true };
  const cure = /^\s*-\s/.test(line)
    ? "; this is no YAML list: leave the dash and the blank out"
    : /^\s*[^\s=:]+:\s/.test(line)
      ? "; write = where the colon is"
      : "";
  throw new InputProblem(
    `line ${at + 1}: expected NAME=value, NAME<<END (and END on a line of its own) or -NAME, one a line${cure}`,
  );
}

/** The indentation that all lines share belongs to the workflow file, not to the value. */
function withoutIndent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.match(/^\s*/)?.[0].length ?? 0);
  const shared = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line) => line.slice(shared)).join("\n");
}

function refuseTwice(found: readonly Assignment[]): void {
  const names = found.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new InputProblem(`${twice} stands here twice`);
}
