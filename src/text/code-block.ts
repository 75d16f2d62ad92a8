// Code inside a message or a hint, to be copied: a code block in the summary, plain lines in log
// and annotation.

type CodeLanguage = "hcl" | "json" | "sh" | "text" | "yaml";

/**
 * `text` between two fences that are longer than any run of backticks in it, so that nothing in it
 * can end the block.
 */
export function codeBlock(text: string, language: CodeLanguage = "text"): string {
  const longestRun = (text.match(/`+/g) ?? []).reduce(
    (max, { length }) => Math.max(max, length),
    2,
  );
  const fence = "`".repeat(longestRun + 1);
  return [`${fence}${language}`, text, fence].join("\n");
}

/** Longer lines wrap in a terminal. */
const maxCommandLineLength = 130;

/**
 * A shell command. A long one is split before its options: `parts` are the command and its options,
 * each with its value.
 */
export function shellBlock(...parts: readonly string[]): string {
  const line = parts.join(" ");
  return codeBlock(line.length <= maxCommandLineLength ? line : parts.join(" \\\n  "), "sh");
}

interface TextSegment {
  /** undefined: a line of text. */
  readonly language: string | undefined;
  readonly lines: readonly string[];
}

/** The lines of a text and its code blocks. A fence that is not closed is an ordinary line. */
export function splitCodeBlocks(text: string): readonly TextSegment[] {
  const lines = text.split(/\r?\n/);
  const segments: TextSegment[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const [, fence, language] = line.match(/^(`{3,})([a-z]*)$/) ?? [];
    const end = fence === undefined ? -1 : lines.indexOf(fence, index + 1);
    if (end < 0) segments.push({ language: undefined, lines: [line] });
    else {
      segments.push({ language: language || "text", lines: lines.slice(index + 1, end) });
      index = end;
    }
  }
  return segments;
}

/** For places where Markdown is not rendered. */
export function withoutFences(text: string): string {
  return splitCodeBlocks(text)
    .flatMap(({ lines }) => lines)
    .join("\n");
}
