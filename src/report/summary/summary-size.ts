// What a summary that is too large goes without, PURE: log tails first, then charts, then details, then ever more of the rest.

import type { Outcome } from "../../run/outcome.ts";

export interface Fit {
  /** What is left out, for the reader. Empty: nothing. */
  readonly leftOut: string;
  readonly charts: boolean;
  readonly details: boolean;
  readonly logLines: number;
  /** Every text and every list of the outcome is cut at these. */
  readonly characters: number;
  readonly items: number;
}

const whole: Fit = {
  leftOut: "",
  charts: true,
  details: true,
  logLines: 200,
  characters: 20_000,
  items: 500,
};
const noLogs = { ...whole, leftOut: "the log tails", logLines: 0 };
const noCharts = { ...noLogs, leftOut: "log tails and charts", charts: false };
const noDetails = { ...noCharts, leftOut: "log tails, charts and details", details: false };

/** From all to next to nothing. The last one fits whatever the outcome holds: 5 services of some 40 texts of 50 characters. */
export const fits: readonly Fit[] = [
  whole,
  { ...whole, leftOut: "all but the last lines of the log tails", logLines: 10 },
  noLogs,
  noCharts,
  noDetails,
  {
    ...noDetails,
    leftOut: "log tails, charts, details and long texts",
    characters: 1_000,
    items: 100,
  },
  { ...noDetails, leftOut: "most of it", characters: 200, items: 20 },
  { ...noDetails, leftOut: "nearly all of it", characters: 50, items: 5 },
];

/** The outcome with its texts and lists cut. An Outcome is plain JSON, so of its members only the log lines need to be known by name. */
export function shrink(outcome: Outcome, fit: Fit): Outcome {
  return cut(outcome, "", fit) as Outcome;
}

function cut(value: unknown, name: string, fit: Fit): unknown {
  const { characters, items, logLines } = fit;
  if (typeof value === "string")
    return value.length > characters ? `${value.slice(0, characters).toWellFormed()} …` : value;
  if (Array.isArray(value)) {
    const some =
      name === "lines" ? value.slice(Math.max(0, value.length - logLines)) : value.slice(0, items);
    return some.map((item) => cut(item, "", fit));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, cut(member, key, fit)]),
  );
}

/** How many characters it holds: what holds far too many need not be rendered to know it. */
export function weigh(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, member) => sum + weigh(member), 0);
}
