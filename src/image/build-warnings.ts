// What the builder warns of, as annotations on the Dockerfile. PURE.

import type { SourceLine } from "../errors.ts";
import { matchable } from "../process/lines.ts";

export interface BuildWarning {
  readonly message: string;
  readonly at: SourceLine;
}

/** GitHub shows ten warnings of a step; the rest is in the log anyway. */
const most = 5;

/** BuildKit's checks (https://docs.docker.com/reference/build-checks/) and everybody's word on unused build arguments. */
export function buildWarnings(
  lines: readonly string[],
  dockerfile: string,
): readonly BuildWarning[] {
  const found = new Map<string, BuildWarning>();
  for (const line of lines.map(matchable)) {
    const [, rule, words, number] = line.match(/^ - (\w+): (.+) \(line (\d+)\)$/) ?? [];
    if (rule !== undefined)
      found.set(line, {
        message: `${rule}: ${words}`,
        at: { file: dockerfile, line: Number(number) },
      });
    const unused = line.match(/\[Warning\] (one or more build[- ]arg.+)$/i)?.[1];
    if (unused !== undefined) found.set(unused, { message: unused, at: { file: dockerfile } });
  }
  return [...found.values()].slice(0, most);
}
