// What is worth a line while a rollout goes on, PURE: only what changed.

import type { OurDeployment, Snapshot } from "./snapshot.ts";
import type { Verdict } from "./verdict.ts";

/** `3:07`, or `1:02:45` from an hour on. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Counts and stage of our deployment in one line; equal lines are printed once. */
export function describeCounts(
  ours: OurDeployment,
  { service, serviceDeployment }: Snapshot,
  verdict: Verdict,
): string {
  const classic = service?.deployments.find(({ id }) => id === ours.id);
  const stage = verdict.kind === "rolling" ? words(verdict.stage) : words(verdict.kind);
  const running = serviceDeployment?.runningTasks ?? classic?.runningCount ?? 0;
  const wanted = serviceDeployment?.requestedTasks || service?.desiredCount || 0;
  const pending = serviceDeployment?.pendingTasks ?? classic?.pendingCount ?? 0;
  const failed = serviceDeployment?.breaker?.failureCount ?? classic?.failedTasks ?? 0;
  const threshold = serviceDeployment?.breaker?.threshold;
  return [
    `${stage}: ${running} of ${wanted} running`,
    pending > 0 && `${pending} pending`,
    failed > 0 && `${failed} failed${threshold ? ` (the circuit breaker trips at ${threshold})` : ""}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** Service events that belong to our time and were not told before, oldest first. */
export function newEvents({ service }: Snapshot, since: number, told: ReadonlySet<string>) {
  return (service?.events ?? [])
    .filter(({ id, createdAt }) => createdAt >= since && !told.has(id))
    .toSorted((one, other) => one.createdAt - other.createdAt);
}

function words(state: string): string {
  return state.toLowerCase().replaceAll("_", " ");
}
