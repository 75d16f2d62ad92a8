// How the tasks of a deployment went, PURE: one line of text; a chart only where too much happened
// for a line.

import type { CountSample, RolloutEnd } from "../../run/rollout-end.ts";
import { formatElapsed } from "../../text/format.ts";
import { renderCounts } from "../charts.ts";
import { fenced } from "../markdown.ts";

/** More changes do not fit into a line that one can read. */
const maxChangesInText = 8;

/** Fewer tasks make no curve: their changes are listed, without those in the middle. */
const minTasksInChart = 3;

/** A success within this time needs no history: the table has its end. */
const plainMilliseconds = 5 * 60_000;

/** "" if there is nothing to say that the table does not say. */
export function renderNewTasks(end: RolloutEnd, { charts }: { readonly charts: boolean }): string {
  const { history, startedAt, endedAt } = end;
  if (history.length === 0 || isPlain(end)) return "";
  const isCurve = Math.max(...history.map(({ desired }) => desired)) >= minTasksInChart;
  if (history.length <= maxChangesInText || !isCurve)
    return `**New tasks** ${describeChanges(history, startedAt)}`;
  const summary = `**New tasks** ${describeHistory(history)}`;
  const chart = charts ? renderCounts(history, endedAt) : undefined;
  if (chart === undefined) return summary;
  return `${summary} ${legendOf(history)}\n\n${fenced(chart.split("\n"), "mermaid")}`;
}

function isPlain({ verdict, history, startedAt, endedAt }: RolloutEnd): boolean {
  return (
    /^(succeeded|reached-stage)$/.test(verdict.kind) &&
    endedAt - startedAt < plainMilliseconds &&
    history.length <= maxChangesInText &&
    history.every(({ failed }) => failed === 0)
  );
}

function describeChanges(history: readonly CountSample[], startedAt: number): string {
  if (history.every((sample) => sampleText(sample) === none)) return none;
  const texts = history.map((sample) => describeSample(sample, startedAt));
  if (texts.length <= maxChangesInText) return texts.join(" · ");
  const half = maxChangesInText / 2;
  return [...texts.slice(0, half), "…", ...texts.slice(-half)].join(" · ");
}

/** `0:23 2 running, 1 pending` */
function describeSample(sample: CountSample, startedAt: number): string {
  const text = sampleText(sample).replaceAll(" ", "&nbsp;");
  return `${formatElapsed(sample.at - startedAt)}&nbsp;${text}`;
}

const none = "none";

function sampleText(sample: CountSample): string {
  const counts = (["running", "pending", "failed"] as const)
    .filter((name) => sample[name] > 0)
    .map((name) => `${sample[name]} ${name}`);
  return counts.join(", ") || none;
}

function describeHistory(history: readonly CountSample[]): string {
  const last = history.at(-1);
  // ECS counts failed tasks from zero again after a task has become healthy.
  const maxPending = Math.max(...history.map(({ pending }) => pending));
  const maxFailed = Math.max(...history.map(({ failed }) => failed));
  return (
    `${last?.running ?? 0} of ${last?.desired ?? 0} running at the end, at most ${maxPending} ` +
    `pending and ${maxFailed} failed at a time.`
  );
}

function legendOf(history: readonly CountSample[]): string {
  if (history.some(({ failed }) => failed > 0))
    return "In the chart, bars are running tasks, and the line is failed ones.";
  return "In the chart, bars are running tasks.";
}
