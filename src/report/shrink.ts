// What a summary that is too large goes without, PURE: log tails first, then charts, then details, then ever more of the rest.

import type { Outcome } from "./outcome.ts";

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

const whole: Fit = { leftOut: "", charts: true, details: true, logLines: 200, characters: 20_000, items: 500 };
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
  { ...noDetails, leftOut: "log tails, charts, details and long texts", characters: 1_000, items: 100 },
  { ...noDetails, leftOut: "most of it", characters: 200, items: 20 },
  { ...noDetails, leftOut: "nearly all of it", characters: 50, items: 5 },
];

/** The outcome with its texts and lists cut; an Outcome is plain JSON, so this needs to know nothing of it. */
export function shrink(outcome: Outcome, { characters, items }: Fit): Outcome {
  return cut(outcome, characters, items) as Outcome;
}

function cut(value: unknown, characters: number, items: number): unknown {
  if (typeof value === "string")
    return value.length > characters ? `${value.slice(0, characters).toWellFormed()} …` : value;
  if (Array.isArray(value)) return value.slice(0, items).map((item) => cut(item, characters, items));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cut(member, characters, items)]));
}
