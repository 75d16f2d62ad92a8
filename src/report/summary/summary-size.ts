// What a summary that is too large leaves out, PURE: log tails first, then charts, then details,
// then more of the rest.

import type { Outcome } from "../../run/outcome.ts";

export interface SummaryLevel {
  /** What is left out, for the reader. Empty: nothing. */
  readonly omitted: string;
  readonly charts: boolean;
  readonly details: boolean;
  readonly logLines: number;
  /** Every text and every list of the outcome is truncated to these lengths. */
  readonly maxCharacters: number;
  readonly maxItems: number;
}

const fullSummary: SummaryLevel = {
  omitted: "",
  charts: true,
  details: true,
  logLines: 200,
  maxCharacters: 20_000,
  maxItems: 500,
};
const noLogs = { ...fullSummary, omitted: "the log tails", logLines: 0 };
const noCharts = { ...noLogs, omitted: "log tails and charts", charts: false };
const noDetails = { ...noCharts, omitted: "log tails, charts and details", details: false };

/**
 * From all to almost nothing. The last one always fits: 5 services of about 40 texts of 50
 * characters.
 */
export const summaryLevels: readonly SummaryLevel[] = [
  fullSummary,
  { ...fullSummary, omitted: "all but the last lines of the log tails", logLines: 10 },
  noLogs,
  noCharts,
  noDetails,
  {
    ...noDetails,
    omitted: "log tails, charts, details and long texts",
    maxCharacters: 1_000,
    maxItems: 100,
  },
  { ...noDetails, omitted: "most of it", maxCharacters: 200, maxItems: 20 },
  { ...noDetails, omitted: "nearly all of it", maxCharacters: 50, maxItems: 5 },
];

/**
 * The outcome with truncated texts and lists. An Outcome is plain JSON; only the log lines
 * (`lines`) are handled by name.
 */
export function truncateOutcome(outcome: Outcome, level: SummaryLevel): Outcome {
  return truncateMembers(outcome, "", level) as Outcome;
}

function truncateMembers(value: unknown, name: string, level: SummaryLevel): unknown {
  const { maxCharacters, maxItems, logLines } = level;
  if (typeof value === "string" && value.length > maxCharacters)
    return `${value.slice(0, maxCharacters).toWellFormed()} …`;
  if (Array.isArray(value)) {
    const start = name === "lines" ? Math.max(0, value.length - logLines) : 0;
    const end = name === "lines" ? value.length : maxItems;
    return value.slice(start, end).map((item) => truncateMembers(item, "", level));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, truncateMembers(member, key, level)]),
  );
}

/**
 * The number of characters in all texts of a value: one that is far too large is not rendered at
 * all.
 */
export function textLength(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, member) => sum + textLength(member), 0);
}
