// What is to be set and what is to be taken away, line by line, PURE. Values are never quoted in a message: they may be secrets.
//
//   NAME=value            the value may hold `=` and may be empty
//   NAME = value          the same: blanks before the `=` are those of both sides
//   NAME<<END             the lines up to END, as they stand (the form of GITHUB_ENV and GITHUB_OUTPUT)
//   …
//   END
//   -NAME                 takes NAME away
//   -*                    takes away all that were there: what follows replaces them
//   # a comment

import { InputProblem } from "./parsers.ts";
import { unexpanded } from "./shell-variables.ts";

export type Assignment =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly remove: true };

/** Names without blanks, as environments have them. */
export const variables = assignmentsOf(/^[^\s=<#-][^\s=<]*$/);

/** Keys of tags may hold blanks. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html */
export const tagAssignments = assignmentsOf(/^[^\s=<#-][^=<]*$/);

/** Where secrets are: the ARN or name of one is never a variable of a shell. */
export function secretSources(given: string): readonly Assignment[] {
  const found = variables(given);
  for (const one of found) {
    const cure = "value" in one ? unexpanded(one.value) : undefined;
    if (cure !== undefined) throw new InputProblem(`${one.name}: ${cure}`);
  }
  return found;
}

function assignmentsOf(name: RegExp) {
  return (given: string): readonly Assignment[] => {
    const found: Assignment[] = [];
    const lines = given.split(/\r?\n/);
    for (let at = 0; at < lines.length; at++) {
      const line = (lines[at] ?? "").trim();
      if (line === "" || line.startsWith("#")) continue;
      const opening = openingOf(line, name);
      if (opening) {
        const first = at + 1;
        do at++;
        while (at < lines.length && lines[at]?.trim() !== opening.end);
        if (at === lines.length)
          throw new InputProblem(
            `line ${first}: ${opening.name}<<${opening.end} has no line ${opening.end} that ends it`,
          );
        found.push({ name: opening.name, value: withoutIndent(lines.slice(first, at)) });
      } else found.push(oneLine(line, at, name));
    }
    refuseTwice(found);
    return found;
  };
}

/** `NAME<<END` */
function openingOf(
  line: string,
  isName: RegExp,
): { readonly name: string; readonly end: string } | undefined {
  const at = line.indexOf("<<");
  const [name, end] = [line.slice(0, Math.max(at, 0)), line.slice(at + 2)];
  return isName.test(name) && name === name.trim() && /^\S+$/.test(end) ? { name, end } : undefined;
}

function oneLine(line: string, at: number, isName: RegExp): Assignment {
  const removed = line.startsWith("-") ? line.slice(1) : "";
  if (removed === "*" || isName.test(removed)) return { name: removed, remove: true };
  const equals = line.indexOf("=");
  const before = line.slice(0, Math.max(equals, 0));
  const [name, value] = [before.trimEnd(), line.slice(equals + 1)];
  if (isName.test(name)) return { name, value: name === before ? value : value.trimStart() };
  throw new InputProblem(
    `line ${at + 1}: expected NAME=value, NAME<<END (and END on a line of its own) or -NAME, one per line${cureOf(line)}`,
  );
}

function cureOf(line: string): string {
  if (line.startsWith("- ")) return "; this is no YAML list: leave the dash and the blank out";
  if (/^[^\s=:]+:\s/.test(line)) return "; write = where the colon is";
  const cure = line.includes("=") ? undefined : unexpanded(line);
  return cure === undefined ? "" : `; ${cure}`;
}

/** The indentation that all lines share belongs to the workflow file, not to the value. */
function withoutIndent(lines: readonly string[]): string {
  const indents = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const shared = indents.reduce(
    (least, indent) => Math.min(least, indent),
    Number.POSITIVE_INFINITY,
  );
  return lines.map((line) => line.slice(Number.isFinite(shared) ? shared : 0)).join("\n");
}

function refuseTwice(found: readonly Assignment[]): void {
  const names = new Set<string>();
  for (const { name } of found) {
    if (names.has(name)) throw new InputProblem(`${name} stands here twice`);
    names.add(name);
  }
}
