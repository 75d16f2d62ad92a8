// What a summary that is too large goes without, PURE: log tails first, then charts, then details, then ever more of the rest.

import type { Outcome } from "../../run/outcome.ts";

export interface SummaryLevel {
  /** What is left out, for the reader. Empty: nothing. */
  readonly omitted: string;
  readonly charts: boolean;
  readonly details: boolean;
  readonly logLines: number;
  /** Every text and every list of the outcome is cut at these. */
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

/** From all to next to nothing. The last one fits whatever the outcome holds: 5 services of some 40 texts of 50 characters. */
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

/** The outcome with its texts and lists cut. An Outcome is plain JSON, so of its members only the log lines need to be known by name. */
export function truncateOutcome(outcome: Outcome, level: SummaryLevel): Outcome {
  return truncateMembers(outcome, "", level) as Outcome;
}

function truncateMembers(value: unknown, name: string, level: SummaryLevel): unknown {
  const { maxCharacters, maxItems, logLines } = level;
  if (typeof value === "string")
    return value.length > maxCharacters
      ? `${value.slice(0, maxCharacters).toWellFormed()} …`
      : value;
  if (Array.isArray(value)) {
    const kept =
      name === "lines"
        ? value.slice(Math.max(0, value.length - logLines))
        : value.slice(0, maxItems);
    return kept.map((item) => truncateMembers(item, "", level));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, truncateMembers(member, key, level)]),
  );
}

/** How many characters it holds: what holds far too many need not be rendered to know it. */
export function textLength(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, member) => sum + textLength(member), 0);
}
