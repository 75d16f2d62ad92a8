// The icon of an outcome, PURE.

import { isPass, type OutcomeName, type ServiceOutcome } from "../run/outcome.ts";

/** A failure that the inputs tolerate is none, but not all is well either. */
export function iconOf(outcome: OutcomeName, passes: boolean): string {
  if (isPass(outcome)) return outcome === "planned" ? "📋" : "✅";
  return passes ? "⚠️" : "❌";
}

/** Accepted and not watched passes, but nobody knows that all is well. */
export function iconOfService({ outcome, reasonCode, tolerated }: IconInput): string {
  return reasonCode === "NotWatched" ? "⚠️" : iconOf(outcome, tolerated === true);
}

type IconInput = Pick<ServiceOutcome, "outcome" | "reasonCode" | "tolerated">;
