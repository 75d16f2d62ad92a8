// How times and revisions are written wherever they are told, PURE.

import { type Change, hiddenValue, notThere } from "../plan/diff.ts";
import { isSecretPath } from "../plan/paths.ts";
import { isPass, type OutcomeName, type ServiceOutcome } from "./outcome.ts";

/** `0.3 s`, `42 s`, `3 min 7 s`, `1 h 2 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `clockko-backend:42` */
export function shortRevision(taskDefinitionArn: string): string {
  return taskDefinitionArn.split("/").at(-1) ?? taskDefinitionArn;
}

/** `1 task`, `3 tasks` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A failure that the inputs tolerate is none, but not all is well either. */
export function iconOf(outcome: OutcomeName, passes: boolean): string {
  if (isPass(outcome)) return outcome === "planned" ? "📋" : "✅";
  return passes ? "⚠️" : "❌";
}

/** Accepted and not watched passes, but nobody knows that all is well. */
export function iconOfService({ outcome, reasonCode, tolerated }: ToldService): string {
  return reasonCode === "NotWatched" ? "⚠️" : iconOf(outcome, tolerated === true);
}

type ToldService = Pick<ServiceOutcome, "outcome" | "reasonCode" | "tolerated">;

/** The plan has hidden what nobody may read (plan/diff.ts); of that only the name is told. What stands in such a place unhidden is not told either. */
export function mayTellValues({ path, from, to }: Change): boolean {
  if (from === hiddenValue && to === hiddenValue) return false;
  return !isSecretPath(path) || [from, to].every((value) => value === hiddenValue || value === notThere);
}
