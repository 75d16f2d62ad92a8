// How times and revisions are written wherever they are told, PURE.

import { type Change, hiddenValue, notThere } from "../plan/diff.ts";
import { mayShowValue } from "../plan/paths.ts";
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

/** What the plan has hidden (plan/diff.ts) is told by its name, and so is what stands in such a place unhidden. */
export function mayTellValues({ path, from, to }: Change): boolean {
  return mayShowValue(path) && from !== hiddenValue && to !== hiddenValue;
}

/** `changed (hidden)`: of a value that may be secret. */
export function describeHidden({ from, to }: Change): string {
  if (from === notThere) return "added (hidden)";
  return to === notThere ? "removed (hidden)" : "changed (hidden)";
}

/** Of an image without the registry's host where it stays the same: it is a line's length, and the whole reference is told elsewhere. */
export function shortened(change: Change): Change {
  const { path, from, to } = change;
  const [host] = from.match(/^[^/]*[.:][^/]*\//) ?? [];
  if (!path.endsWith(".image") || host === undefined || !to.startsWith(host)) return change;
  return { path, from: from.slice(host.length), to: to.slice(host.length) };
}
