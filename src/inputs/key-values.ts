// Parses what is set and what is removed, line by line, PURE. Values are never quoted in a message:
// they may be secrets.
//
//   NAME=value    the value may contain `=` and may be empty
//   NAME = value  the same if there are blanks on both sides of the `=`
//   NAME<<END     the lines up to END, unchanged (the syntax of GITHUB_ENV and GITHUB_OUTPUT)
//   …
//   END
//   -NAME         removes NAME
//   -*            removes all existing names: the lines that follow replace them
//   # a comment

import { InputProblem } from "./parsers.ts";
import { unexpandedVariableHint } from "./shell-variables.ts";

export type KeyValue =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly remove: true };

/** Names without blanks, as in environments. */
export const parseVariables = keyValueParser(/^[^\s=<#-][^\s=<]*$/);

/**
 * Keys of tags may contain blanks.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
 */
export const parseTags = keyValueParser(/^[^\s=<#-][^=<]*$/);

/** Locations of secrets: an ARN or a name, never a shell variable. */
export function parseSecretSources(given: string): readonly KeyValue[] {
  const keyValues = parseVariables(given);
  for (const one of keyValues) {
    const cure = "value" in one ? unexpandedVariableHint(one.value) : undefined;
    if (cure !== undefined) throw new InputProblem(`${one.name}: ${cure}`);
  }
  return keyValues;
}

function keyValueParser(name: RegExp) {
  return (given: string): readonly KeyValue[] => {
    const keyValues: KeyValue[] = [];
    const lines = given.split(/\r?\n/);
    for (let at = 0; at < lines.length; at++) {
      const line = (lines[at] ?? "").trim();
      if (line === "" || line.startsWith("#")) continue;
      const opening = heredocStart(line, name);
      if (opening) {
        const first = at + 1;
        do at++;
        while (at < lines.length && lines[at]?.trim() !== opening.end);
        if (at === lines.length)
          throw new InputProblem(
            `line ${first}: ${opening.name}<<${opening.end} has no line ${opening.end} that ` +
              "ends it",
          );
        keyValues.push({ name: opening.name, value: withoutIndent(lines.slice(first, at)) });
      } else keyValues.push(parseLine(line, at, name));
    }
    assertUnique(keyValues);
    return keyValues;
  };
}

/** `NAME<<END` */
function heredocStart(
  line: string,
  isName: RegExp,
): { readonly name: string; readonly end: string } | undefined {
  const at = line.indexOf("<<");
  const [name, end] = [line.slice(0, Math.max(at, 0)), line.slice(at + 2)];
  if (isName.test(name) && name === name.trim() && /^\S+$/.test(end)) return { name, end };
  return undefined;
}

function parseLine(line: string, at: number, isName: RegExp): KeyValue {
  const removed = line.startsWith("-") ? line.slice(1) : "";
  if (removed === "*" || isName.test(removed)) return { name: removed, remove: true };
  const equals = line.indexOf("=");
  const before = line.slice(0, Math.max(equals, 0));
  const [name, value] = [before.trimEnd(), line.slice(equals + 1)];
  if (isName.test(name)) return { name, value: name === before ? value : value.trimStart() };
  throw new InputProblem(
    `line ${at + 1}: expected NAME=value, NAME<<END (and END on a line of its own) or -NAME, ` +
      `one per line${lineRemedy(line)}`,
  );
}

function lineRemedy(line: string): string {
  if (line.startsWith("- ")) return "; this is no YAML list: remove the dash and the blank";
  if (/^[^\s=:]+:\s/.test(line)) return "; write = where the colon is";
  const cure = line.includes("=") ? undefined : unexpandedVariableHint(line);
  if (cure === undefined) return "";
  return `; ${cure}`;
}

/** The indentation that all lines have belongs to the workflow file, not to the value. */
function withoutIndent(lines: readonly string[]): string {
  const indents = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const commonIndent = indents.reduce(
    (min, indent) => Math.min(min, indent),
    Number.POSITIVE_INFINITY,
  );
  return lines
    .map((line) => line.slice(Number.isFinite(commonIndent) ? commonIndent : 0))
    .join("\n");
}

function assertUnique(keyValues: readonly KeyValue[]): void {
  const names = new Set<string>();
  for (const { name } of keyValues) {
    if (names.has(name)) throw new InputProblem(`${name} is given twice`);
    names.add(name);
  }
}
