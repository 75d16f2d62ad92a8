// The bytes of a process as whole lines.

import { StringDecoder } from "node:string_decoder";

/**
 * A line that does not end is told in pieces of this many characters: whoever waits for its end
 * holds all of it.
 */
const maxLineLength = 1_000_000;

/**
 * A pattern looks at no more of a line than this: on the longest line, one that is tried at each of
 * its characters would take hours.
 */
const maxMatchedLength = 2_000;

/** The part of a line that patterns are tried on; the whole one is shown. */
export function matchablePart(line: string): string {
  return line.slice(0, maxMatchedLength);
}

/**
 * @actions/exec's own lines lose the last one when no line break ends it, which is where a reason
 * may stand.
 */
export function splitLines(onLine: (line: string) => void) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    /** Gives the text back, characters whole. */
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
