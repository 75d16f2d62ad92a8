// Splits the output of a process into lines.

import { StringDecoder } from "node:string_decoder";

/**
 * A line without an end is reported in pieces of this many characters, because the whole of it
 * would be kept in memory.
 */
const maxLineLength = 1_000_000;

/**
 * Patterns are tried on this many characters of a line: on a very long line, some would take hours.
 */
const maxMatchedLength = 2_000;

/** The part of a line on which patterns are tried; the whole line is shown. */
export function matchablePart(line: string): string {
  return line.slice(0, maxMatchedLength);
}

/**
 * @actions/exec's own line events omit a last line without a line break, which may be the reason of
 * a failure.
 */
export function splitLines(onLine: (line: string) => void) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    /** Returns the text, with complete characters only. */
    push(data: Buffer): string {
      const text = decoder.write(data);
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? "";
      if (rest.length > maxLineLength) {
        lines.push(rest);
        rest = "";
      }
      for (const line of lines) onLine(line);
      return text;
    },
    flush() {
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}
