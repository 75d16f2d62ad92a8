// The bytes of a process as whole lines.

import { StringDecoder } from "node:string_decoder";

/** @actions/exec's own lines lose the last one when no line break ends it, which is where a reason may stand. */
export function splitLines(onLine: (line: string) => void) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    /** Gives the text back, characters whole. */
    take(data: Buffer): string {
      const text = decoder.write(data);
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
      return text;
    },
    end() {
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}
