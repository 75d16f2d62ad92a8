// Which lines to print during a rollout, PURE: only what changed.

import type { DeploymentSnapshot, OwnDeployment } from "../ecs/deployment.ts";
import type { ServiceEvent } from "../ecs/observed.ts";
import { findPausedHook, type PausedHook } from "../ecs/paused-hook.ts";
import type { Verdict } from "../run/rollout-end.ts";
import { deploymentsUrl } from "../text/console-links.ts";
import { formatDuration, formatUtc } from "../text/format.ts";

interface Counts {
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly failed: number;
}

/**
 * The tasks of our deployment: from the service deployment if it may be read, otherwise from the
 * classic list.
 */
export function countsOf(
  own: OwnDeployment,
  { service, serviceDeployment }: DeploymentSnapshot,
): Counts {
  const classic = service?.deployments.find(({ id }) => id === own.id);
  return {
    desired: serviceDeployment?.requestedTasks || service?.desiredCount || 0,
    running: serviceDeployment?.runningTasks ?? classic?.runningCount ?? 0,
    pending: serviceDeployment?.pendingTasks ?? classic?.pendingCount ?? 0,
    failed: Math.max(serviceDeployment?.breaker?.failureCount ?? 0, classic?.failedTasks ?? 0),
  };
}

/** Counts and stage of our deployment in one line; equal lines are printed once. */
export function describeCounts(
  own: OwnDeployment,
  snapshot: DeploymentSnapshot,
  verdict: Verdict,
): string {
  const { desired, running, pending, failed } = countsOf(own, snapshot);
  const stage = verdict.kind === "rolling" ? stateLabel(verdict.stage) : stateLabel(verdict.kind);
  const threshold = snapshot.serviceDeployment?.breaker?.threshold;
  const limit = threshold ? ` (the circuit breaker trips at ${threshold})` : "";
  const traffic = snapshot.serviceDeployment?.productionTrafficWeight;
  return [
    `${stage}; new tasks: ${running} of ${desired} running`,
    pending > 0 && `${pending} pending`,
    traffic !== undefined && `${traffic} % of the traffic`,
    failed > 0 && `${failed} failed${limit}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/**
 * A PAUSE hook makes ECS wait for a person: the log must say so, because ECS does not continue by
 * itself.
 */
export function describePauseHook(
  own: OwnDeployment,
  { serviceDeployment, at }: DeploymentSnapshot,
  consoleHost: (region: string) => string | undefined,
): { readonly hook: string; readonly text: string } | undefined {
  const hook = findPausedHook(serviceDeployment);
  if (!hook) return undefined;
  const region = hook.serviceDeploymentArn.split(":")[3] ?? "";
  const page = deploymentsUrl({
    region,
    console: consoleHost(region),
    cluster: own.cluster,
    service: own.service,
  });
  const inConsole = page ? ` (${page})` : "";
  return {
    hook: hook.hookId,
    text: [
      `The deployment of ${own.service} waits at its PAUSE hook for an answer` +
        `${describeTimeLeft(hook, at)}.`,
      `Answer it in the console${inConsole}, or with a run of this action that has these two lines ` +
        "(docs/pause-hooks.md):",
      `    service: ${own.service}`,
      "    answer-pause: continue # or rollback",
    ].join("\n"),
  };
}

const atDeadline = { CONTINUE: "continues it", ROLLBACK: "rolls it back" } as const;

function describeTimeLeft({ expiresAt, timeoutAction }: PausedHook, now: number): string {
  if (expiresAt === undefined) return "";
  return (
    `, until ${formatUtc(expiresAt)} (${formatDuration(expiresAt - now)} left); then ECS ` +
    atDeadline[timeoutAction]
  );
}

/**
 * ECS begins every event with its subject, `(service api) has started 1 tasks`; the line has the
 * service's name already.
 */
export function describeEvent({ message }: ServiceEvent, service: string): string {
  return message.replace(`(service ${service}) `, "").replace(`(service ${service}, `, "(");
}

/**
 * What is still open, for minutes without a change: `still rolling: api pending; new tasks: 0 of 2
 * running; and 3 more`.
 */
export function describeOpenDeployments(
  open: readonly { readonly service: string; readonly lastReportedLine: string }[],
  several: boolean,
): string {
  const [first] = open;
  if (!several) return `${first?.service}: still ${first?.lastReportedLine || "rolling"}`;
  const named = open
    .slice(0, 3)
    .map(({ service, lastReportedLine }) => `${service} ${lastReportedLine}`);
  const shown = `still rolling: ${named.join("; ")}`;
  if (open.length <= 3) return shown;
  return `${shown}; and ${open.length - 3} more`;
}

/** Service events since the update that have not been printed yet, oldest first. */
export function newEvents(
  { service }: DeploymentSnapshot,
  since: number,
  reported: ReadonlySet<string>,
) {
  return (service?.events ?? [])
    .filter(({ id, createdAt }) => createdAt >= since && !reported.has(id))
    .toReversed()
    .toSorted((a, b) => a.createdAt - b.createdAt);
}

function stateLabel(state: string): string {
  return state.toLowerCase().replaceAll("_", " ");
}
