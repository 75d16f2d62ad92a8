// Where the text of a job reads the outputs of a step, PURE.

import type { Range } from "./ranges.ts";
import type { Job, Step } from "./source.ts";

export interface Reference {
  readonly id: string;
  /** Undefined: `steps.ID.outcome` or `steps.ID.conclusion`. */
  readonly output: string | undefined;
  /** `steps.ID.outputs.NAME` in the text. */
  readonly range: Range;
  /** `${{ steps.ID.outputs.NAME }}`, if the expression is nothing else. */
  readonly whole: Range | undefined;
  /** The step that reads it; undefined: the job, for example in its outputs. */
  readonly step: Step | undefined;
}

const pattern = /\bsteps\.([\w-]+)\.(?:outputs\.([\w-]+)|outcome|conclusion)\b/g;

export function referencesIn(text: string, job: Job): readonly Reference[] {
  const inside = text.slice(job.range.start, job.range.end);
  return [...inside.matchAll(pattern)].map((match) => {
    const start = job.range.start + match.index;
    const range = { start, end: start + match[0].length };
    const step = job.steps.find((one) => start >= one.range.start && start < one.range.end);
    return { id: match[1] ?? "", output: match[2], range, whole: wholeOf(text, range), step };
  });
}

function wholeOf(text: string, { start, end }: Range): Range | undefined {
  const before = text.slice(Math.max(0, start - 40), start).match(/\$\{\{\s*$/)?.[0];
  const after = text.slice(end, end + 40).match(/^\s*\}\}/)?.[0];
  if (before === undefined || after === undefined) return undefined;
  return { start: start - before.length, end: end + after.length };
}
