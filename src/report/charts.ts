// Mermaid charts for the job summary, PURE. https://mermaid.js.org/syntax/gantt.html and
// https://mermaid.js.org/syntax/xyChart.html
//
// GitHub renders with its own theme, light or dark; only the colours of the lines are set here.

import type { Phase } from "../run/outcome.ts";
import type { CountSample } from "../run/rollout-end.ts";
import { formatDuration } from "../text/format.ts";

/**
 * Mermaid splits at colons, semicolons, hashes and quotes, and `%%` begins a comment: only plain
 * characters are kept.
 */
export function chartLabel(text: string): string {
  const plain = text
    .toWellFormed()
    .replace(/[^\p{L}\p{N} .,()/_-]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (plain === "") return "unnamed";
  if (plain.length <= 60) return plain;
  return `${plain.slice(0, 59).toWellFormed()}…`;
}

/** True if more than one phase took over 5 s. */
export function isWorthDrawing(phases: readonly Phase[]): boolean {
  return phases.filter(({ startedAt, endedAt }) => endedAt - startedAt > 5_000).length > 1;
}

/**
 * One bar per phase, from the beginning of the step. Times have no zone, else the axis would be off
 * by the reader's time zone.
 */
export function renderPhases(phases: readonly Phase[]): string {
  const begin = Math.min(...phases.map(({ startedAt }) => startedAt));
  const whole = Math.max(...phases.map(({ endedAt }) => endedAt)) - begin;
  const bars = phases.flatMap(({ title, startedAt, endedAt, failed }, index) => [
    `  section ${chartLabel(title)}`,
    `  ${formatDuration(endedAt - startedAt)} :${failed ? "crit" : "active"}, phase${index}, ` +
      `${timeOfDay(startedAt - begin)}, ${timeOfDay(endedAt - begin)}`,
  ]);
  return [
    "---",
    "config:",
    "  gantt:",
    "    leftPadding: 190",
    "---",
    "gantt",
    "  todayMarker off",
    "  dateFormat YYYY-MM-DD HH:mm:ss.SSS",
    `  axisFormat ${whole < 3_600_000 ? "%M:%S" : "%H:%M:%S"}`,
    `  tickInterval ${tickInterval(whole)}`,
    ...bars,
  ].join("\n");
}

function timeOfDay(milliseconds: number): string {
  return new Date(Date.UTC(2000, 0, 1) + milliseconds)
    .toISOString()
    .replace("T", " ")
    .replace("Z", "");
}

/** About six ticks. */
function tickInterval(milliseconds: number): string {
  const seconds = [1, 2, 5, 10, 15, 30].find((step) => step * 6_000 >= milliseconds);
  if (seconds !== undefined) return `${seconds}second`;
  const minutes = [1, 2, 5, 10, 15, 30].find((step) => step * 360_000 >= milliseconds);
  if (minutes === undefined) return "1hour";
  return `${minutes}minute`;
}

/** Mermaid spaces the points of a line evenly, so the history is sampled at even times. */
const pointCount = 60;

/** Green running, amber pending, red failed; visible on GitHub's light and dark background. */
const colours = "#2da44e, #d4a72c, #cf222e";

/** A line at the upper edge would be cut in half. */
const headroom = 1.05;

/**
 * Mermaid divides the axis of a few tasks into fractions, so the axis has no labels: the legend
 * above the chart has the numbers.
 * @returns undefined when no time passed, so that there is nothing to draw
 */
export function renderCounts(history: readonly CountSample[], endedAt: number): string | undefined {
  const startedAt = history[0]?.at ?? endedAt;
  const length = endedAt - startedAt;
  if (length <= 0) return undefined;
  const at = Array.from(
    { length: pointCount },
    (_, index) => startedAt + (length * index) / (pointCount - 1),
  );
  const states = at.map((time) => history.findLast((sample) => sample.at <= time) ?? history[0]);
  const line = (name: "running" | "pending" | "failed") =>
    states.map((state) => state?.[name] ?? 0);
  const max = Math.max(
    1,
    ...states.flatMap((state) => [
      state?.desired ?? 0,
      state?.running ?? 0,
      state?.pending ?? 0,
      state?.failed ?? 0,
    ]),
  );
  const [unit, scale] = length < 180_000 ? ["seconds", 1_000] : ["minutes", 60_000];
  return [
    "---",
    "config:",
    "  xyChart:",
    "    width: 900",
    "    height: 200",
    "    showLegend: false",
    "    xAxis:",
    "      titleFontSize: 13",
    "      labelFontSize: 12",
    "    yAxis:",
    "      showTitle: false",
    "      showLabel: false",
    "      showTick: false",
    "  themeVariables:",
    "    xyChart:",
    `      plotColorPalette: "${colours}"`,
    "---",
    "xychart-beta",
    `  x-axis "${unit} since the update" 0 --> ${rounded(length / scale)}`,
    `  y-axis "tasks" 0 --> ${(max * headroom).toFixed(2)}`,
    ...(["running", "pending", "failed"] as const).map(
      (name) => `  line "${name}" [${line(name).join(", ")}]`,
    ),
  ].join("\n");
}

function rounded(value: number): number {
  return Math.max(0.1, Math.round(value * 10) / 10);
}
