// How a change of a task definition is shown, PURE. A value that may be secret is hidden.

import { type Change, noValue, redacted } from "../plan/task-definition/diff.ts";
import { isShowable } from "../plan/task-definition/redaction.ts";

/**
 * False where the plan has hidden the value (plan/task-definition/diff.ts), and at every path that
 * may hold a secret.
 */
export function mayShowChange({ path, from, to }: Change): boolean {
  return isShowable(path) && from !== redacted && to !== redacted;
}

/** `changed (hidden)`, for a value that may be secret. */
export function describeHiddenChange({ from, to }: Change): string {
  if (from === noValue) return "added (hidden)";
  if (to === noValue) return "removed (hidden)";
  return "changed (hidden)";
}

/**
 * An image without the registry's host if that stays the same: it is long, and the whole reference
 * is shown elsewhere.
 */
export function shortenImage(change: Change): Change {
  const { path, from, to } = change;
  const [host] = from.match(/^[^/]*[.:][^/]*\//) ?? [];
  if (!path.endsWith(".image") || host === undefined || !to.startsWith(host)) return change;
  return { path, from: from.slice(host.length), to: to.slice(host.length) };
}
