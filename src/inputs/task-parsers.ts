// A command as a user writes it → the list of its words, PURE. No shell runs it, here or in the
// container.

import { parseDocument } from "./document.ts";
import { InputProblem } from "./parsers.ts";

/**
 * RunTask accepts 8,192 characters of overrides.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 */
const maxCommandLength = 8_000;

const listExample = 'a list: ["alembic", "upgrade", "head"]';

/**
 * A list in JSON or YAML is used unchanged; a single line is split at blanks, with a shell's
 * quotes.
 */
export function command(given: string): readonly string[] {
  const words = /^(\[|-\s)/.test(given) ? parseList(given) : splitWords(given);
  if ((words[0] ?? "") === "") throw new InputProblem(`expected a command, like ${listExample}`);
  if (JSON.stringify(words).length > maxCommandLength)
    throw new InputProblem(
      `longer than the ${maxCommandLength} characters that RunTask leaves for it: put it into ` +
        "a script in the image",
    );
  return words;
}

function parseList(given: string): readonly string[] {
  const value = parseDocument(given);
  if (!Array.isArray(value)) throw new InputProblem(`expected ${listExample}`);
  const nonText = value.findIndex((word) => typeof word !== "string");
  if (nonText >= 0)
    throw new InputProblem(
      `expected texts only, but number ${nonText + 1} of the list is none: put it in quotes`,
    );
  return value;
}

/**
 * A blank between words, or a part of a word: in single quotes, in double quotes, after a
 * backslash, or plain.
 */
const wordPattern = /(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/y;

function splitWords(given: string): readonly string[] {
  if (/[\r\n]/.test(given))
    throw new InputProblem(
      `expected one line, or ${listExample}. Several commands need a shell: ["sh", "-c", ` +
        '"first && second"]',
    );
  const words: string[] = [];
  let startsWord = true;
  for (let at = 0; at < given.length; at = wordPattern.lastIndex) {
    wordPattern.lastIndex = at;
    const [found, blank, single, double, escaped, plain] = wordPattern.exec(given) ?? [];
    if (found === undefined)
      throw new InputProblem("a quote is opened and not closed, or a backslash stands at the end");
    if (blank === undefined) {
      assertNoShellSyntax(plain, double);
      const text = single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain ?? "";
      words.push(startsWord ? text : `${words.pop()}${text}`);
    }
    startsWord = blank !== undefined;
  }
  return words;
}

/** Syntax that needs a shell: treated as a word, it would run a different command than intended. */
function assertNoShellSyntax(plain: string | undefined, double: string | undefined): void {
  const [special] = plain?.match(/[&|;<>()$`]/) ?? double?.replace(/\\./g, "").match(/[$`]/) ?? [];
  if (special !== undefined)
    throw new InputProblem(
      `no shell runs this, so ${special} would not do what it does in one. Quote it with '…', ` +
        'or give ["sh", "-c", "…"]',
    );
}
