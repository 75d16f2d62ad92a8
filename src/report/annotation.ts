// The text of the one error annotation, PURE: cause, last log lines, hint, link. Its title is the
// code.

import { helpUrl, type Outcome } from "../run/outcome.ts";
import { withoutFences } from "../text/code-block.ts";

/** GitHub cuts a message at 4096 characters; the summary has the rest. */
const maxAnnotationLength = 4096;

/**
 * Log lines per container: the reason is usually at the end, and the summary has the whole log
 * tail.
 */
const annotatedLogLines = 10;

/** "" when there is no problem. */
export function annotationText(
  outcome: Pick<Outcome, "problem" | "services" | "tasks" | "errorsPage">,
): string {
  const { problem, services, tasks = [] } = outcome;
  if (!problem) return "";
  const help = `\nMore: ${helpUrl(outcome, problem.code)}`;
  const room = maxAnnotationLength - help.length;
  const failed = tasks.filter(({ succeeded }) => !succeeded);
  const tails = [
    ...failed.map(({ logTail }) => logTail),
    ...services.map(({ diagnosis }) => diagnosis?.logTail),
  ];
  const logLines = tails.flatMap(lastLogLines);
  const fullText = [withoutFences(problem.message), ...logLines, withoutFences(problem.hint ?? "")]
    .filter(Boolean)
    .join("\n");
  if (fullText.length <= room) return fullText + help;
  // The message and the hint matter most; the summary has the log lines as well.
  const text = withoutFences([problem.message, problem.hint].filter(Boolean).join("\n"));
  if (text.length <= room) return text + help;
  return `${text.slice(0, room - 1)}…${help}`;
}

interface LogLines {
  readonly container: string;
  readonly lines: readonly string[];
}

function lastLogLines(tail: LogLines | undefined): readonly string[] {
  if (!tail || tail.lines.length === 0) return [];
  return [
    `Last log lines of container "${tail.container}":`,
    ...tail.lines.slice(-annotatedLogLines).map((line) => `  ${line}`),
  ];
}
