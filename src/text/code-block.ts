// A piece of code inside a message or a hint, whole, to be pasted: a block of code in the summary, plain lines in log and annotation.

export type CodeLanguage = "hcl" | "json" | "sh" | "text" | "yaml";

/** Lines of its own between two fences, which are longer than any run of backticks inside: nothing in `text` can end it. */
export function codeBlock(text: string, language: CodeLanguage = "text"): string {
  const longestRun = (text.match(/`+/g) ?? []).reduce(
    (most, { length }) => Math.max(most, length),
    2,
  );
  const fence = "`".repeat(longestRun + 1);
  return [`${fence}${language}`, text, fence].join("\n");
}

/** A line of a terminal longer than this wraps. */
const maxCommandLineLength = 130;

/** A shell command. A long one is broken before its options: `parts` are the command and its options, each with its value. */
export function shellBlock(...parts: readonly string[]): string {
  const line = parts.join(" ");
  return codeBlock(line.length <= maxCommandLineLength ? line : parts.join(" \\\n  "), "sh");
}

export interface TextSegment {
  /** undefined: a line of text. */
  readonly language?: string | undefined;
  readonly lines: readonly string[];
}

/** The lines of a text, with its blocks of code. A fence that nothing closes is a line like others. */
export function splitCodeBlocks(text: string): readonly TextSegment[] {
  const lines = text.split(/\r?\n/);
  const segments: TextSegment[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const [, fence, language] = line.match(/^(`{3,})([a-z]*)$/) ?? [];
    const end = fence === undefined ? -1 : lines.indexOf(fence, index + 1);
    if (end < 0) segments.push({ lines: [line] });
    else {
      segments.push({ language: language || "text", lines: lines.slice(index + 1, end) });
      index = end;
    }
  }
  return segments;
}

/** For where Markdown is not read. */
export function withoutFences(text: string): string {
  return splitCodeBlocks(text)
    .flatMap(({ lines }) => lines)
    .join("\n");
}
