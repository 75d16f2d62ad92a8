// How a change of a task definition is written, PURE: what may be secret by its name only.

import { type Change, noValue, redacted } from "../plan/task-definition/diff.ts";
import { isShowable } from "../plan/task-definition/redaction.ts";

/** What the plan has hidden (plan/task-definition/diff.ts) is told by its name, and so is what stands in such a place unhidden. */
export function mayShowChange({ path, from, to }: Change): boolean {
  return isShowable(path) && from !== redacted && to !== redacted;
}

/** `changed (hidden)`: of a value that may be secret. */
export function describeHiddenChange({ from, to }: Change): string {
  if (from === noValue) return "added (hidden)";
  return to === noValue ? "removed (hidden)" : "changed (hidden)";
}

/** Of an image without the registry's host where it stays the same: it is a line's length, and the whole reference is told elsewhere. */
export function shortenImage(change: Change): Change {
  const { path, from, to } = change;
  const [host] = from.match(/^[^/]*[.:][^/]*\//) ?? [];
  if (!path.endsWith(".image") || host === undefined || !to.startsWith(host)) return change;
  return { path, from: from.slice(host.length), to: to.slice(host.length) };
}
