// The builder's warnings, as annotations on the Dockerfile. PURE.

import type { SourceLine } from "../errors.ts";
import { matchablePart } from "../process/lines.ts";

interface BuildWarning {
  readonly message: string;
  readonly at: SourceLine;
}

/** GitHub shows ten warnings per step; the others are in the log. */
const maxBuildWarnings = 5;

/**
 * BuildKit's checks (https://docs.docker.com/reference/build-checks/) and the warning of all
 * builders about unused build arguments.
 */
export function parseBuildWarnings(
  lines: readonly string[],
  dockerfile: string,
): readonly BuildWarning[] {
  const found = new Map<string, BuildWarning>();
  for (const line of lines.map(matchablePart)) {
    const [, rule, text, number] = line.match(/^ - (\w+): (.+) \(line (\d+)\)$/) ?? [];
    if (rule !== undefined)
      found.set(line, {
        message: `${rule}: ${text}`,
        at: { file: dockerfile, line: Number(number) },
      });
    const unusedArguments = line.match(/\[Warning\] (one or more build[- ]arg.+)$/i)?.[1];
    if (unusedArguments !== undefined)
      found.set(unusedArguments, { message: unusedArguments, at: { file: dockerfile } });
  }
  return [...found.values()].slice(0, maxBuildWarnings);
}
