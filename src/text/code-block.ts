// A piece of code inside a message or a hint, whole, to be pasted: a block of code in the summary, plain lines in log and annotation.

export type CodeLanguage = "hcl" | "json" | "sh" | "text" | "yaml";

/** Lines of its own between two fences, which are longer than any run of backticks inside: nothing in `text` can end it. */
export function codeBlock(text: string, language: CodeLanguage = "text"): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, text, fence].join("\n");
}

/** A line of a terminal longer than this wraps. */
const commandCharacters = 130;

/** A shell command. A long one is broken before its options: `parts` are the command and its options, each with its value. */
export function shellBlock(...parts: readonly string[]): string {
  const line = parts.join(" ");
  return codeBlock(line.length <= commandCharacters ? line : parts.join(" \\\n  "), "sh");
}

export interface Piece {
  /** undefined: a line of text. */
  readonly language?: string | undefined;
  readonly lines: readonly string[];
}

/** The lines of a text, with its blocks of code. A fence that nothing closes is a line like others. */
export function piecesOf(text: string): readonly Piece[] {
  const lines = text.split(/\r?\n/);
  const pieces: Piece[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const [, fence, language] = line.match(/^(`{3,})([a-z]*)$/) ?? [];
    const end = fence === undefined ? -1 : lines.indexOf(fence, at + 1);
    if (end < 0) pieces.push({ lines: [line] });
    else {
      pieces.push({ language: language || "text", lines: lines.slice(at + 1, end) });
      at = end;
    }
  }
  return pieces;
}

/** For where Markdown is not read. */
export function withoutFences(text: string): string {
  return piecesOf(text)
    .flatMap(({ lines }) => lines)
    .join("\n");
}
