// Runs every measurement and prints one Markdown table: script/bench. What each number is, and how it is taken: bench/README.md.

import { availableParallelism } from "node:os";
import { bundleBytes } from "./bundle.ts";
import { measureLateness, type Watched } from "./lateness.ts";
import { mean, median, quantile } from "./numbers.ts";
import { measureLongDeploy, measureStarts, type Starts } from "./start.ts";

type Row = readonly [what: string, measured: string, aim: string, official: string];

const rounds = 15;
/** How many services at once, and how often. */
const watchings = [
  { services: 1, watches: 1_000 },
  { services: 10, watches: 40 },
  { services: 50, watches: 8 },
];

const rows: Row[] = [
  ["JavaScript in `dist/`", `${whole(bundleBytes())} bytes`, "≤ 1,100,000", "15,692,985"],
  ...startRows(await measureStarts(rounds)),
];
const longDeploy = measureLongDeploy();
const watched: Row[] = [];
for (const { services, watches } of watchings)
  watched.push(...watchRows(services, await measureLateness(watches, services)));
const { peakMemory } = await longDeploy;
rows.push(
  [
    "Peak memory, rollout of four minutes: one deployment",
    megabytes(peakMemory),
    "≤ 90 MB",
    "102 MB",
  ],
  ...watched,
);

console.log(`| what | measured | target | official chain of five actions |\n|---|---|---|---|`);
for (const row of rows) console.log(`| ${row.join(" | ")} |`);
console.log(
  `\nNode ${process.version}, ${availableParallelism()} cores, ${new Date().toISOString().slice(0, 10)}`,
);

function startRows({ bare, deploys }: Starts): readonly Row[] {
  const after = deploys.map(({ firstRequestAfter }) => firstRequestAfter);
  const bareAfter = bare.map(({ firstRequestAfter }) => firstRequestAfter);
  const ratio = (median(after) / median(bareAfter)).toFixed(1);
  const atFirst = deploys.map(({ memoryAtFirstRequest }) => memoryAtFirstRequest);
  const peak = deploys.map(({ peakMemory }) => peakMemory);
  const barePeak = bare.map(({ peakMemory }) => peakMemory);
  return [
    [
      `Start to the first AWS request: median, p10 of ${rounds}`,
      `${whole(median(after))} ms, ${whole(quantile(after, 0.1))} ms`,
      "≤ 250 ms",
      "1,152 ms",
    ],
    [
      "… of node and one HTTP request alone; ratio",
      `${whole(median(bareAfter))} ms, ${whole(quantile(bareAfter, 0.1))} ms; ${ratio}`,
      "",
      "",
    ],
    ["Peak memory up to the first AWS request: median", megabytes(median(atFirst)), "≤ 90 MB", ""],
    [
      "Peak memory, rollout of some seconds: median, worst",
      `${megabytes(median(peak))}, ${megabytes(Math.max(...peak))}`,
      "≤ 90 MB",
      "102 MB",
    ],
    ["… of node and one HTTP request alone", megabytes(median(barePeak)), "", ""],
  ];
}

/** Issue 16: what one service and fifty may take; ten are in between. */
const watchTargets: Readonly<Record<number, { readonly late: string; readonly reads: string }>> = {
  1: { late: "≤ 1.0 s, ≤ 2.0 s", reads: "busiest ≤ 40; first ≤ 45" },
  50: { late: "≤ 1.5 s, ≤ 2.7 s", reads: "mean ≤ 58.7, worst ≤ 98; first ≤ 155" },
};

function watchRows(
  services: number,
  { rollouts, callsPerMinute, callsInFirstMinute, callsInBusiestMinute }: Watched,
): readonly Row[] {
  const late = rollouts.map(({ late }) => late);
  const wrong = rollouts.filter(({ right }) => !right).length;
  const at = services === 1 ? "1 service" : `${services} services at once`;
  const target = watchTargets[services];
  return [
    [
      `Verdict late, ${at}, ${whole(rollouts.length)} rollouts: mean, p95, worst`,
      `${seconds(mean(late))}, ${seconds(quantile(late, 0.95))}, ${seconds(Math.max(...late))}`,
      target?.late ?? "",
      services === 1 ? "138 s, 410 s" : "",
    ],
    [
      `Read calls per minute, ${at}: mean, worst; busiest 60 s after the first minute; worst first minute`,
      `${mean(callsPerMinute).toFixed(1)}, ${Math.max(...callsPerMinute)}; ${Math.max(...callsInBusiestMinute)}; ${Math.max(...callsInFirstMinute)}`,
      target?.reads ?? "",
      "",
    ],
    [`Wrong verdicts, ${at}`, String(wrong), "0", ""],
  ];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
