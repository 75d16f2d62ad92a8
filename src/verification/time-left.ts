// Until when a verification may take, PURE. Times are milliseconds since the Unix epoch.

import type { PausedHook } from "../ecs/paused-hook.ts";
import { hookMarginMilliseconds, minBudgetMilliseconds, waitMarginMilliseconds } from "./limits.ts";

/** While a deployment waits at a PAUSE hook; undefined: too little time is left. */
export function endAtPause(
  now: number,
  waitEndsAt: number,
  { expiresAt = Number.POSITIVE_INFINITY }: PausedHook,
): number | undefined {
  const end = Math.min(waitEndsAt - waitMarginMilliseconds, expiresAt - hookMarginMilliseconds);
  return endIfEnough(now, end);
}

/** undefined: too little time is left. */
export function endIfEnough(now: number, end: number): number | undefined {
  if (end - now < minBudgetMilliseconds) return undefined;
  return end;
}
