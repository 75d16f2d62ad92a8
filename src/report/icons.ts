// The icon of an outcome, PURE.

import { isPass, type OutcomeName, type ServiceOutcome } from "../run/outcome.ts";

/** A failure that the inputs tolerate is a warning. */
export function iconOf(outcome: OutcomeName, passes: boolean): string {
  if (outcome === "planned") return "📋";
  if (isPass(outcome)) return "✅";
  if (passes) return "⚠️";
  return "❌";
}

/** An update that was accepted and not watched passes, but its result is unknown: a warning. */
export function iconOfService({ outcome, reasonCode, tolerated }: IconInput): string {
  if (reasonCode === "NotWatched") return "⚠️";
  if (isRolledBackAsAsked({ outcome, tolerated })) return "⏪";
  return iconOf(outcome, tolerated === true);
}

/** By `answer-pause: rollback`: the only rollback that passes the step. */
export function isRolledBackAsAsked({
  outcome,
  tolerated,
}: Pick<ServiceOutcome, "outcome" | "tolerated">): boolean {
  return outcome === "rolled-back" && tolerated === true;
}

type IconInput = Pick<ServiceOutcome, "outcome" | "reasonCode" | "tolerated">;
