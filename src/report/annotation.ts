// What the one error annotation says, PURE: cause, last words, next step, where to read on. Its title is the code.

import { helpUrl, type Outcome } from "../run/outcome.ts";
import { withoutFences } from "../text/code-block.ts";

/** GitHub cuts a message at 4096 characters; what does not fit stands in the summary. */
const maxAnnotationLength = 4096;

/** Of a container's last words only these many lines: the reason stands at the end, and all of them are in the summary. */
const annotatedLogLines = 10;

/** "" when there is no problem to tell of. */
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
  // What happened and what to do come first; a container's words stand in the summary as well.
  const text =
    fullText.length > room
      ? withoutFences([problem.message, problem.hint].filter(Boolean).join("\n"))
      : fullText;
  return `${text.length > room ? `${text.slice(0, room - 1)}…` : text}${help}`;
}

interface LogLines {
  readonly container: string;
  readonly lines: readonly string[];
}

function lastLogLines(tail: LogLines | undefined): readonly string[] {
  if (!tail || tail.lines.length === 0) return [];
  return [
    `Last words of container "${tail.container}":`,
    ...tail.lines.slice(-annotatedLogLines).map((line) => `  ${line}`),
  ];
}
