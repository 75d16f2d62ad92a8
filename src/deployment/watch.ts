// The only loop: look, judge, tell what changed, sleep; until every one of our deployments is decided or the time is over.

import { bounded } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import { consoleHost } from "../aws/partitions.ts";
import type { Clock } from "../clock.ts";
import { isBlind, type OurDeployment, type Snapshot } from "../ecs/deployment.ts";
import { asDeployError } from "../errors.ts";
import type { Blind, CountSample, GaveUp, RolloutEnd, Verdict } from "../run/rollout-end.ts";
import { isConflict } from "./cancel.ts";
import { createEye, type EyePorts, type Watched } from "./deployment-poller.ts";
import { identify, type RolloutSource } from "./describe-deployments.ts";
import { remember } from "./history.ts";
import {
  countsOf,
  describeCounts,
  describeEvent,
  describePause,
  describeStanding,
  formatElapsed,
  newEvents,
} from "./progress.ts";
import { judge } from "./verdict.ts";

export interface WatchPolicy {
  /** When the wait is over, in milliseconds since the Unix epoch: wait-for-minutes after the update was sent. */
  readonly until: number;
  /** How long a rollback that was asked for is followed. */
  readonly waitMinutes: number;
  readonly onTimeout: "leave" | "rollback";
  /** 0: however many. */
  readonly failAfterFailedTasks: number;
}

export interface WatchPorts extends EyePorts {
  readonly source: RolloutSource & { readonly stopServiceDeployment: Ecs["stopServiceDeployment"] };
  readonly random: () => number;
  readonly signal: AbortSignal;
}

interface Rollout extends Watched {
  end?: RolloutEnd;
  gaveUp?: GaveUp;
  blind?: Blind;
  shiftedAt?: number;
  bakingSince?: number;
  deadline: number;
  /** Events and hooks that were told. */
  readonly told: Set<string>;
  lastLine: string;
  history: readonly CountSample[];
  /** At the beginning of its lines, where several services are watched. */
  readonly name: string;
}

/** An outage of AWS, or of the way to it, that lasts longer ends the watch. */
const blindMilliseconds = 5 * 60_000;

/** The request to roll back, and the look for its ARN: AWS may be what does not answer. */
const stopMilliseconds = 10_000;

/** A log is never silent for longer. */
const heartbeatMilliseconds = 60_000;

export async function watchRollouts(
  deployments: readonly OurDeployment[],
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<readonly RolloutEnd[]> {
  const { clock, random, signal } = ports;
  const startedAt = clock.now();
  const rollouts = deployments.map((ours) => newRollout(ours, policy, deployments.length > 1));
  const eye = createEye(ports);
  let toldAt = startedAt;
  for (;;) {
    const open = rollouts.filter(({ end }) => !end);
    if (open.length === 0) return rollouts.flatMap(({ end }) => end ?? []);
    const snapshots = await eye.look(open, nextDeadline(open));
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
    const next = nextDeadline(rollouts.filter(({ end }) => !end));
    const pause = Math.min(
      pauseMilliseconds(clock.now() - startedAt, random()),
      next - clock.now(),
    );
    if (Number.isFinite(next)) await clock.sleep(Math.max(0, pause), signal);
  }
}

function nextDeadline(rollouts: readonly Rollout[]): number {
  return Math.min(...rollouts.map(({ deadline }) => deadline));
}

function newRollout(ours: OurDeployment, { until }: WatchPolicy, several: boolean): Rollout {
  const name = several ? `${ours.service}: ` : "";
  return { ours, deadline: until, told: new Set(), lastLine: "", history: [], name };
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
  if (isBlind(snapshot)) return considerBlind(rollout, snapshot, policy, ports);
  delete rollout.blind;
  noteTraffic(rollout, snapshot);
  rollout.history = remember(rollout.history, {
    at: snapshot.at,
    ...countsOf(rollout.ours, snapshot),
  });
  const told = tell(rollout, snapshot, verdict, ports);
  if (verdict.kind !== "rolling") close(rollout, snapshot, verdict);
  else await considerGivingUp(rollout, { snapshot, stage: verdict.stage }, policy, ports);
  return told;
}

/** Nothing could be read. That is outlived for a while, but not beyond the end of the wait, and not where AWS has refused the reads. */
async function considerBlind(
  rollout: Rollout,
  snapshot: Snapshot,
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<boolean> {
  const { why = "", passing = false } = snapshot.unread ?? {};
  const first = rollout.blind === undefined;
  rollout.blind = { since: rollout.blind?.since ?? snapshot.at, why };
  if (first)
    ports.reporter.info(
      `${elapsed(rollout, snapshot)}how the rollout fares cannot be read: ${why}`,
    );
  rollout.lastLine = "not readable: AWS does not answer";
  const stage = "NOT_READABLE";
  if (!passing || snapshot.at - rollout.blind.since >= blindMilliseconds)
    close(rollout, snapshot, { kind: "undecided", stage });
  else await considerGivingUp(rollout, { snapshot, stage }, policy, ports);
  return first;
}

function noteTraffic(rollout: Rollout, { at, serviceDeployment }: Snapshot): void {
  const { productionTrafficWeight, lifecycleStage } = serviceDeployment ?? {};
  if (productionTrafficWeight === 100) rollout.shiftedAt ??= at;
  else delete rollout.shiftedAt;
  if (lifecycleStage === "BAKE_TIME") rollout.bakingSince ??= at;
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
  const { ours, gaveUp, blind, shiftedAt, bakingSince, history } = rollout;
  rollout.end = {
    ...{ deployment: ours, verdict, snapshot, history, endedAt: snapshot.at },
    ...(gaveUp && { gaveUp }),
    ...(blind && { blind }),
    ...(shiftedAt !== undefined && { shiftedAt }),
    ...(bakingSince !== undefined && { bakingSince }),
  };
}

function reasonToGiveUp(
  rollout: Rollout,
  snapshot: Snapshot,
  { failAfterFailedTasks }: WatchPolicy,
): GaveUp["why"] | undefined {
  if (rollout.gaveUp) return rollout.gaveUp.why;
  if (snapshot.at >= rollout.deadline) return "timed-out";
  const enough =
    failAfterFailedTasks > 0 && countsOf(rollout.ours, snapshot).failed >= failAfterFailedTasks;
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
  const failedTasks = isBlind(snapshot)
    ? (rollout.history.at(-1)?.failed ?? 0)
    : countsOf(ours, snapshot).failed;
  const known = { why, stage, failedTasks };
  if (policy.onTimeout === "leave") return { ...known, rollback: "left" };
  const refused = await askToRollBack(ours, ports);
  if (refused !== undefined) return { ...known, rollback: { refused } };
  rollout.deadline = ports.clock.now() + policy.waitMinutes * 60_000;
  ports.reporter.info(
    `${elapsed(rollout, snapshot)}${why === "timed-out" ? "the time is over" : "enough tasks have failed"}: ECS is asked to roll back.`,
  );
  return { ...known, rollback: "asked" };
}

/** Why it could not be asked for. A deployment that is over in the meantime is no refusal: the next look shows how it ended. */
async function askToRollBack(
  ours: OurDeployment,
  { source, clock }: { readonly source: WatchPorts["source"]; readonly clock: Clock },
): Promise<string | undefined> {
  try {
    return await bounded(stopMilliseconds, clock, async (options) => {
      const arn =
        ours.serviceDeploymentArn ?? (await identify(source, [ours], options)).get(ours.id);
      if (arn === undefined)
        return "the service deployment could not be read, and only by its ARN can it be rolled back";
      await source.stopServiceDeployment(arn, options);
      return undefined;
    });
  } catch (error) {
    return isConflict(error) ? undefined : asDeployError(error).message;
  }
}

/** A line only for what changed. Says whether there was one. */
function tell(
  rollout: Rollout,
  snapshot: Snapshot,
  verdict: Verdict,
  { reporter }: WatchPorts,
): boolean {
  const { ours, told } = rollout;
  const lines: string[] = [];
  for (const event of newEvents(snapshot, ours.startedAt, told)) {
    told.add(event.id);
    lines.push(describeEvent(event, ours.service, rollout.name !== ""));
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
