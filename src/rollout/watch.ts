// The only loop: look, judge, tell what changed, sleep; until every one of our deployments is decided or the time is over.

import { consoleHost } from "../aws/partitions.ts";
import { asDeployError } from "../errors.ts";
import { createEye, type EyePorts, type Watched } from "./eye.ts";
import { type CountSample, remember } from "./history.ts";
import type { RolloutSource } from "./look.ts";
import {
  countsOf,
  describeCounts,
  describeEvent,
  describePause,
  describeStanding,
  formatElapsed,
  newEvents,
} from "./progress.ts";
import type { OurDeployment, Snapshot } from "./snapshot.ts";
import { type Decided, judge, type Verdict } from "./verdict.ts";

/** Why we stopped waiting for a deployment that ECS had not decided, and what became of the rollback that was asked for. */
export interface GaveUp {
  readonly why: "timed-out" | "tasks-failing";
  readonly stage: string;
  readonly failedTasks: number;
  /** `left`: on-timeout is leave, so the rollout goes on. */
  readonly rollback: "left" | "asked" | { readonly refused: string };
}

/** How one rollout ended for us, with the last that we saw of it. */
export interface RolloutEnd {
  readonly deployment: OurDeployment;
  readonly verdict: Decided | { readonly kind: "undecided"; readonly stage: string };
  readonly gaveUp?: GaveUp;
  readonly snapshot: Snapshot;
  /** Counts over time, only where they changed. */
  readonly history: readonly CountSample[];
  readonly endedAt: number;
}

export interface WatchPolicy {
  readonly waitMinutes: number;
  readonly onTimeout: "leave" | "rollback";
  /** 0: however many. */
  readonly failAfterFailedTasks: number;
}

export interface WatchPorts extends EyePorts {
  readonly source: RolloutSource & { readonly stopServiceDeployment: (serviceDeploymentArn: string) => Promise<void> };
  readonly random: () => number;
  readonly signal: AbortSignal;
}

interface Rollout extends Watched {
  end?: RolloutEnd;
  gaveUp?: GaveUp;
  deadline: number;
  /** Events and hooks that were told. */
  readonly told: Set<string>;
  lastLine: string;
  history: readonly CountSample[];
  /** At the beginning of its lines, where several services are watched. */
  readonly name: string;
}

/** A log is never silent for longer. */
const heartbeatMilliseconds = 60_000;

export async function watchRollouts(
  deployments: readonly OurDeployment[],
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<readonly RolloutEnd[]> {
  const { clock, random, signal } = ports;
  const startedAt = clock.now();
  const rollouts = deployments.map((ours) => newRollout(ours, startedAt, policy, deployments.length > 1));
  const eye = createEye(ports);
  let toldAt = startedAt;
  for (;;) {
    const open = rollouts.filter(({ end }) => !end);
    if (open.length === 0) return rollouts.flatMap(({ end }) => end ?? []);
    const snapshots = await eye.look(open);
    for (const [index, rollout] of open.entries()) {
      const snapshot = snapshots[index];
      if (snapshot && (await consider(rollout, snapshot, policy, ports))) toldAt = clock.now();
    }
    if (clock.now() - toldAt >= heartbeatMilliseconds) {
      ports.reporter.info(
        `${formatElapsed(clock.now() - startedAt).padStart(5)}  ${describeStanding(open, deployments.length > 1)}`,
      );
      toldAt = clock.now();
    }
    const next = Math.min(...rollouts.filter(({ end }) => !end).map(({ deadline }) => deadline));
    const pause = Math.min(pauseMilliseconds(clock.now() - startedAt, random()), next - clock.now());
    if (Number.isFinite(next)) await clock.sleep(Math.max(0, pause), signal);
  }
}

function newRollout(ours: OurDeployment, now: number, { waitMinutes }: WatchPolicy, several: boolean): Rollout {
  const name = several ? `${ours.service}: ` : "";
  return { ours, deadline: now + waitMinutes * 60_000, told: new Set(), lastLine: "", history: [], name };
}

/** Quick at first, 3 s for the first half hour, 10 s after; never in step with other jobs. At most 40 reads in any minute (bench/). */
export function pauseMilliseconds(elapsed: number, random: number): number {
  const seconds = elapsed < 5_000 ? 1 : elapsed < 30 * 60_000 ? 3 : 10;
  return Math.round(seconds * 1000 * (0.9 + random * 0.2));
}

/** Judges one rollout, tells what changed, and closes it when it is decided or we give up on it. Says whether it told anything. */
async function consider(
  rollout: Rollout,
  snapshot: Snapshot,
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<boolean> {
  const verdict = judge(rollout.ours, snapshot);
  rollout.history = remember(rollout.history, { at: snapshot.at, ...countsOf(rollout.ours, snapshot) });
  const told = tell(rollout, snapshot, verdict, ports);
  if (verdict.kind !== "rolling") close(rollout, snapshot, verdict);
  else await considerGivingUp(rollout, { snapshot, stage: verdict.stage }, policy, ports);
  return told;
}

async function considerGivingUp(
  rollout: Rollout,
  { snapshot, stage }: { readonly snapshot: Snapshot; readonly stage: string },
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<void> {
  const why = reasonToGiveUp(rollout, snapshot, policy);
  if (!why) return;
  rollout.gaveUp ??= await giveUp(rollout, { snapshot, why, stage }, policy, ports);
  if (rollout.gaveUp.rollback !== "asked" || snapshot.at >= rollout.deadline)
    close(rollout, snapshot, { kind: "undecided", stage });
}

function close(rollout: Rollout, snapshot: Snapshot, verdict: RolloutEnd["verdict"]): void {
  const { ours, gaveUp, history } = rollout;
  rollout.end = { deployment: ours, verdict, snapshot, history, endedAt: snapshot.at, ...(gaveUp && { gaveUp }) };
}

function reasonToGiveUp(
  rollout: Rollout,
  snapshot: Snapshot,
  { failAfterFailedTasks }: WatchPolicy,
): GaveUp["why"] | undefined {
  if (rollout.gaveUp) return rollout.gaveUp.why;
  if (snapshot.at >= rollout.deadline) return "timed-out";
  const enough = failAfterFailedTasks > 0 && countsOf(rollout.ours, snapshot).failed >= failAfterFailedTasks;
  return enough ? "tasks-failing" : undefined;
}

interface GivingUp {
  readonly snapshot: Snapshot;
  readonly why: GaveUp["why"];
  readonly stage: string;
}

/** Leaves the rollout to ECS, or asks ECS to go back and gives that as much time again. */
async function giveUp(
  rollout: Rollout,
  { snapshot, why, stage }: GivingUp,
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<GaveUp> {
  const { ours } = rollout;
  const known = { why, stage, failedTasks: countsOf(ours, snapshot).failed };
  if (policy.onTimeout === "leave") return { ...known, rollback: "left" };
  if (ours.serviceDeploymentArn === undefined)
    return {
      ...known,
      rollback: { refused: "the service deployment could not be read, and only by its ARN can it be rolled back" },
    };
  try {
    await ports.source.stopServiceDeployment(ours.serviceDeploymentArn);
  } catch (error) {
    return { ...known, rollback: { refused: asDeployError(error).message } };
  }
  rollout.deadline = snapshot.at + policy.waitMinutes * 60_000;
  ports.reporter.info(
    `${elapsed(rollout, snapshot)}${why === "timed-out" ? "the time is over" : "enough tasks have failed"}: ECS is asked to roll back.`,
  );
  return { ...known, rollback: "asked" };
}

/** A line only for what changed. Says whether there was one. */
function tell(rollout: Rollout, snapshot: Snapshot, verdict: Verdict, { reporter }: WatchPorts): boolean {
  const { ours, told } = rollout;
  const lines: string[] = [];
  for (const event of newEvents(snapshot, ours.startedAt, told)) {
    told.add(event.id);
    lines.push(describeEvent(event, ours.service));
  }
  const line = describeCounts(ours, snapshot, verdict);
  if (line !== rollout.lastLine) lines.push(line);
  rollout.lastLine = line;
  for (const text of lines) reporter.info(`${elapsed(rollout, snapshot)}${text}`);
  const pause = describePause(ours, snapshot, consoleHost);
  if (pause && !told.has(pause.hook)) {
    told.add(pause.hook);
    reporter.notice(pause.text);
  }
  return lines.length > 0;
}

function elapsed({ ours, name }: Rollout, { at }: Snapshot): string {
  return `${formatElapsed(at - ours.startedAt).padStart(5)}  ${name}`;
}
