import { expect, test } from "vitest";
import { renderCounts } from "../../../src/report/charts.ts";
import { readChart } from "./mermaid.ts";

const noon = Date.UTC(2026, 10, 23, 12);

test("running tasks are bars and failed ones a line of a valid Mermaid chart, sampled at even times", async () => {
  const history = [
    { at: noon, desired: 2, running: 0, pending: 2, failed: 0 },
    { at: noon + 30_000, desired: 2, running: 2, pending: 0, failed: 0 },
    { at: noon + 40_000, desired: 2, running: 0, pending: 0, failed: 2 },
  ];
  const chart = renderCounts(history, noon + 59_000) ?? "";
  await expect(readChart(chart)).resolves.toMatchObject({ type: "xychart" });
  const pointsOf = (series: string) =>
    JSON.parse(chart.match(new RegExp(`${series} (.*)`))?.[1] ?? "[]");
  expect(pointsOf('bar "running"')).toEqual([
    ...Array(30).fill(0),
    ...Array(10).fill(2),
    ...Array(20).fill(0),
  ]);
  expect(pointsOf('line "failed"')).toEqual([...Array(40).fill(0), ...Array(20).fill(2)]);
  expect(chart).toContain('x-axis "seconds since the update" 0 --> 59\n');
});

test("no line is drawn if no task failed", () => {
  const history = [{ at: noon, desired: 1, running: 1, pending: 0, failed: 0 }];
  expect(renderCounts(history, noon + 59_000)).not.toContain("line");
});

test.each([
  { most: 1, top: 8 },
  { most: 7, top: 8 },
  { most: 8, top: 9 },
  { most: 9, top: 10 },
  { most: 12, top: 15 },
  { most: 40, top: 41 },
])("the axis of $most tasks ends at $top: all its ticks are whole numbers", ({ most, top }) => {
  const history = [{ at: noon, desired: most, running: most, pending: 0, failed: 0 }];
  expect(renderCounts(history, noon + 59_000)).toContain(`y-axis "tasks" 0 --> ${top}\n`);
  expect(ticksOf(top).every(Number.isInteger)).toBe(true);
  expect(ticksOf(5).every(Number.isInteger)).toBe(false);
});

/** Those of d3, which Mermaid uses, for ten ticks: https://d3js.org/d3-array/ticks */
function ticksOf(top: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(top / 10));
  const error = top / 10 / power;
  const factors = [
    { above: Math.sqrt(50), factor: 10 },
    { above: Math.sqrt(10), factor: 5 },
    { above: Math.sqrt(2), factor: 2 },
  ];
  const step = power * (factors.find(({ above }) => error >= above)?.factor ?? 1);
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step);
}

test("hours are shown in minutes", () => {
  const history = [{ at: noon, desired: 1, running: 0, pending: 1, failed: 0 }];
  expect(renderCounts(history, noon + 5_400_000)).toContain(
    'x-axis "minutes since the update" 0 --> 90\n',
  );
});

test("every colour is set, because the theme may be light or dark", () => {
  const history = [{ at: noon, desired: 1, running: 0, pending: 1, failed: 1 }];
  const chart = renderCounts(history, noon + 59_000) ?? "";
  expect(chart).toContain('      backgroundColor: "transparent"\n');
  expect(chart.match(/^ {6}\w+Color: "#[0-9a-f]{6}"$/gm)).toHaveLength(9);
});

test.each([
  { name: "nothing was seen", history: [] },
  {
    name: "it was over at once",
    history: [{ at: noon, desired: 1, running: 1, pending: 0, failed: 0 }],
  },
])("no chart when $name", ({ history }) => {
  expect(renderCounts(history, noon)).toBeUndefined();
});
