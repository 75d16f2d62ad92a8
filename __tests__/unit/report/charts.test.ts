import { expect, test } from "vitest";
import { chartLabel, renderCounts, renderPhases } from "../../../src/report/charts.ts";
import { hostileTexts } from "../text/hostile.ts";
import { readChart } from "./mermaid.ts";

const noon = Date.UTC(2026, 10, 23, 12);

test("the phases are a valid Mermaid gantt chart, from the beginning of the step", async () => {
  const chart = renderPhases([
    { title: "Sign in to AWS", startedAt: noon, endedAt: noon + 300 },
    { title: "Provide the image", startedAt: noon + 300, endedAt: noon + 75_300 },
    {
      title: "Watch the rollout",
      startedAt: noon + 75_300,
      endedAt: noon + 3_600_000,
      failed: true,
    },
  ]);
  const { tasks } = await readChart(chart);
  const begin = tasks[0]?.startTime.getTime() ?? 0;
  expect(
    tasks.map(({ section, task, startTime, endTime }) => [
      section,
      task.trim(),
      startTime.getTime() - begin,
      endTime.getTime() - begin,
    ]),
  ).toEqual([
    ["Sign in to AWS", "0.3 s", 0, 300],
    ["Provide the image", "1 min 15 s", 300, 75_300],
    ["Watch the rollout", "58 min 45 s", 75_300, 3_600_000],
  ]);
});

test("a phase can have any name", async () => {
  for (const title of hostileTexts(150)) {
    const chart = renderPhases([{ title, startedAt: noon, endedAt: noon + 1_000 }]);
    const { tasks } = await readChart(chart);
    expect(
      tasks.map(({ section }) => section),
      JSON.stringify(title),
    ).toEqual([chartLabel(title)]);
  }
});

test.each([
  { length: 0, tick: "1second" },
  { length: 6_000, tick: "1second" },
  { length: 55_000, tick: "10second" },
  { length: 180_000, tick: "30second" },
  { length: 181_000, tick: "1minute" },
  { length: 3_600_000, tick: "10minute" },
  { length: 6 * 3_600_000, tick: "1hour" },
])("an axis of $length ms has a tick every $tick", async ({ length, tick }) => {
  const chart = renderPhases([{ title: "x", startedAt: noon, endedAt: noon + length }]);
  expect(chart).toContain(`tickInterval ${tick}\n`);
  await expect(readChart(chart)).resolves.toMatchObject({ type: "gantt" });
});

test("the counts are three lines of a valid Mermaid chart, sampled at even times", async () => {
  const history = [
    { at: noon, desired: 2, running: 0, pending: 2, failed: 0 },
    { at: noon + 30_000, desired: 2, running: 2, pending: 0, failed: 0 },
    { at: noon + 40_000, desired: 2, running: 0, pending: 0, failed: 2 },
  ];
  const chart = renderCounts(history, noon + 59_000) ?? "";
  await expect(readChart(chart)).resolves.toMatchObject({ type: "xychart" });
  const pointsOf = (name: string) =>
    JSON.parse(chart.match(new RegExp(`line "${name}" (.*)`))?.[1] ?? "[]");
  expect(pointsOf("running")).toEqual([
    ...Array(30).fill(0),
    ...Array(10).fill(2),
    ...Array(20).fill(0),
  ]);
  expect(pointsOf("failed")).toEqual([...Array(40).fill(0), ...Array(20).fill(2)]);
  expect(chart).toContain('x-axis "seconds since the update" 0 --> 59\n');
});

test("the axis of tasks shows no fractions, and has room above the highest line", () => {
  const history = [{ at: noon, desired: 1, running: 0, pending: 1, failed: 0 }];
  const chart = renderCounts(history, noon + 59_000);
  expect(chart).toContain(
    "    yAxis:\n      showTitle: false\n      showLabel: false\n      showTick: false\n",
  );
  expect(chart).toContain('y-axis "tasks" 0 --> 1.05\n');
});

test("hours are shown in minutes", () => {
  const history = [{ at: noon, desired: 1, running: 0, pending: 1, failed: 0 }];
  expect(renderCounts(history, noon + 5_400_000)).toContain(
    'x-axis "minutes since the update" 0 --> 90\n',
  );
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
