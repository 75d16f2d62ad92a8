// The chart of a long or eventful rollout for the job summary, PURE.
// https://mermaid.js.org/syntax/xyChart.html
//
// GitHub renders it with its own theme, light or dark, so every colour is set here: all of them are
// visible on both. The shapes differ, too: bars run, the line fails.

import type { CountSample } from "../run/rollout-end.ts";

/** Mermaid spaces the points evenly, so the history is sampled at even times. */
const pointCount = 60;

/**
 * GitHub's light blue, red and secondary grey. Blue and red differ in brightness, too, for readers
 * who do not see the colours.
 */
const [running, failed, textColor] = ["#54aeff", "#cf222e", "#818b98"];

const textColours = ["title", "xAxisLabel", "xAxisTitle", "xAxisTick", "xAxisLine"]
  .concat(["yAxisLabel", "yAxisTitle", "yAxisTick", "yAxisLine"])
  .map((name) => `      ${name}Color: "${textColor}"`);

const settings = [
  "---",
  "config:",
  "  xyChart:",
  "    width: 760",
  "    height: 240",
  "    showLegend: false",
  "    xAxis:",
  "      labelFontSize: 12",
  "    yAxis:",
  "      labelFontSize: 12",
  "  themeVariables:",
  "    xyChart:",
  '      backgroundColor: "transparent"',
  `      plotColorPalette: "${running}, ${failed}"`,
  ...textColours,
  "---",
];

/** @returns undefined when no time passed, so that there is nothing to draw */
export function renderCounts(history: readonly CountSample[], endedAt: number): string | undefined {
  const startedAt = history[0]?.at ?? endedAt;
  const length = endedAt - startedAt;
  if (length <= 0) return undefined;
  const states = Array.from({ length: pointCount }, (_, index) => {
    const time = startedAt + (length * index) / (pointCount - 1);
    return history.findLast((sample) => sample.at <= time) ?? history[0];
  });
  const values = (name: "running" | "failed") => states.map((state) => state?.[name] ?? 0);
  const max = Math.max(...values("running"), ...values("failed"));
  const [unit, scale] = length < 180_000 ? ["seconds", 1_000] : ["minutes", 60_000];
  const lines = [
    ...settings,
    "xychart-beta",
    `  x-axis "${unit} since the update" 0 --> ${Math.max(1, Math.ceil(length / scale))}`,
    `  y-axis "tasks" 0 --> ${axisEnd(max)}`,
    `  bar "running" [${values("running").join(", ")}]`,
  ];
  if (Math.max(...values("failed")) > 0)
    lines.push(`  line "failed" [${values("failed").join(", ")}]`);
  return lines.join("\n");
}

/**
 * Mermaid makes about ten ticks: an axis of fewer than 8 tasks would have fractions, and one of 11
 * to 14 a tick per task.
 */
function axisEnd(maxTasks: number): number {
  if (maxTasks < 10) return Math.max(8, maxTasks + 1);
  return Math.max(15, maxTasks + 1);
}
