// The only loop: look, judge, tell what changed, sleep; until every one of our deployments is decided or the time is over.

import type { Clock } from "../clock.ts";
import type { ObservedService } from "../plan/observed.ts";
import type { Reporter } from "../report/reporter.ts";
import {
  identify,
  isNotOffered,
  lookAtServiceDeployments,
  lookAtServices,
  lookForNewer,
  type RolloutSource,
  snapshotOf,
} from "./look.ts";
import { describeCounts, formatElapsed, newEvents } from "./progress.ts";
import type { OurDeployment, ServiceDeployment, Snapshot } from "./snapshot.ts";
import { type Decided, judge } from "./verdict.ts";

export type EndVerdict = Decided | { readonly kind: "timed-out"; readonly stage: string };

/** How one rollout ended for us, with the last that we saw of it. */
export interface RolloutEnd {
  readonly deployment: OurDeployment;
  readonly verdict: EndVerdict;
  readonly snapshot: Snapshot;
  readonly endedAt: number;
}

export interface WatchPorts {
  readonly source: RolloutSource;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Told when ECS has recorded one of our deployments under its ARN. */
  readonly identified: (deployment: OurDeployment) => void;
}

interface Rollout {
  ours: OurDeployment;
  end?: RolloutEnd;
  readonly told: Set<string>;
  lastLine: string;
}

/** ECS records a service deployment within seconds; after this the classic list is all there is. */
const identifyWithinMilliseconds = 60_000;

export async function watchRollouts(
  deployments: readonly OurDeployment[],
  waitMinutes: number,
  ports: WatchPorts,
): Promise<readonly RolloutEnd[]> {
  const { clock, random, signal } = ports;
  const rollouts: Rollout[] = deployments.map((ours) => ({ ours, told: new Set<string>(), lastLine: "" }));
  const startedAt = clock.now();
  const deadline = startedAt + waitMinutes * 60_000;
  const eye = createEye(ports, startedAt);
  for (;;) {
    const open = rollouts.filter(({ end }) => !end);
    if (open.length === 0) return rollouts.flatMap(({ end }) => end ?? []);
    const late = clock.now() >= deadline;
    for (const [rollout, snapshot] of await eye.look(open))
      await consider(rollout, snapshot, late, rollouts.length > 1, ports);
    const wait = pauseMilliseconds(clock.now() - startedAt, random());
    if (rollouts.some(({ end }) => !end))
      await clock.sleep(Math.max(0, Math.min(wait, deadline - clock.now())), signal);
  }
}

/** Quick at first, 3 s for the first half hour, 10 s after; never in step with other jobs. */
export function pauseMilliseconds(elapsed: number, random: number): number {
  const seconds = elapsed < 10_000 ? 1 : elapsed < 30 * 60_000 ? 3 : 10;
  return Math.round(seconds * 1000 * (0.9 + random * 0.2));
}

/** Judges one rollout, tells what changed, and closes it when it is decided or the time is over. */
async function consider(
  rollout: Rollout,
  snapshot: Snapshot,
  late: boolean,
  several: boolean,
  { clock, reporter }: WatchPorts,
): Promise<void> {
  const { ours, told } = rollout;
  const verdict = judge(ours, snapshot);
  const prefix = `${formatElapsed(clock.now() - ours.startedAt).padStart(5)}  ${several ? `${ours.service}: ` : ""}`;
  for (const event of newEvents(snapshot, ours.startedAt, told)) {
    told.add(event.id);
    reporter.info(`${prefix}${event.message}`);
  }
  const line = describeCounts(ours, snapshot, verdict);
  if (line !== rollout.lastLine) reporter.info(`${prefix}${line}`);
  rollout.lastLine = line;
  if (verdict.kind !== "rolling") rollout.end = { deployment: ours, verdict, snapshot, endedAt: clock.now() };
  else if (late)
    rollout.end = {
      deployment: ours,
      verdict: { kind: "timed-out", stage: verdict.stage },
      snapshot,
      endedAt: clock.now(),
    };
}

/**
 * Reads as little as it can: the service deployments at every look, for they hold the verdict and the counts; the services
 * (events, classic deployments) at every second one, when a status changed, and always where the classic list is all there is.
 */
function createEye({ source, clock, reporter, identified }: WatchPorts, startedAt: number) {
  let services: ReadonlyMap<string, ObservedService> = new Map();
  let deployments: ReadonlyMap<string, ServiceDeployment> = new Map();
  let classicOnly = false;
  let looks = 0;

  async function lookAtNewApi(open: readonly Rollout[]): Promise<boolean> {
    if (classicOnly) return false;
    const before = deployments;
    try {
      if (clock.now() - startedAt <= identifyWithinMilliseconds) await identifyAll(open);
      deployments = await lookAtServiceDeployments(
        source,
        open.map(({ ours }) => ours),
      );
    } catch (error) {
      if (!isNotOffered(error)) throw error;
      classicOnly = true;
      deployments = new Map();
      reporter.notice(
        "This role may not read service deployments, so the verdict comes from the classic deployment list, which tells less. Allow ecs:ListServiceDeployments, ecs:DescribeServiceDeployments and ecs:DescribeServiceRevisions.",
      );
    }
    return [...deployments.values()].some(({ arn, status }) => before.get(arn)?.status !== status);
  }

  async function identifyAll(open: readonly Rollout[]): Promise<void> {
    for (const rollout of open) {
      if (rollout.ours.serviceDeploymentArn !== undefined) continue;
      const serviceDeploymentArn = await identify(source, rollout.ours);
      if (serviceDeploymentArn === undefined) continue;
      rollout.ours = { ...rollout.ours, serviceDeploymentArn };
      identified(rollout.ours);
    }
  }

  return {
    async look(open: readonly Rollout[]): Promise<readonly (readonly [Rollout, Snapshot])[]> {
      const changed = await lookAtNewApi(open);
      const unseen = open.some(({ ours }) => !deployments.has(ours.serviceDeploymentArn ?? ""));
      if (changed || unseen || looks++ % 2 === 0)
        services = await lookAtServices(
          source,
          open.map(({ ours }) => ours),
        );
      const looked: (readonly [Rollout, Snapshot])[] = [];
      for (const rollout of open) {
        const snapshot = snapshotOf(rollout.ours, services, deployments);
        const mine = snapshot.serviceDeployment;
        looked.push([
          rollout,
          mine?.status === "STOPPED"
            ? { ...snapshot, newer: await lookForNewer(source, rollout.ours, mine) }
            : snapshot,
        ]);
      }
      return looked;
    },
  };
}
