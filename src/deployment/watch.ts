// The only loop: poll, judge, report what changed, sleep; until every one of our deployments is
// decided or the time is over.

import { callWithTimeout } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import { consoleHost } from "../aws/partitions.ts";
import type { Clock } from "../clock.ts";
import { type DeploymentSnapshot, isUnreadable, type OwnDeployment } from "../ecs/deployment.ts";
import { isAtOrAfter, type LifecycleStage } from "../ecs/lifecycle-stage.ts";
import { asDeployError } from "../errors.ts";
import type { HeartbeatReporter } from "../reporter/heartbeat.ts";
import type {
  CountSample,
  FailedVerification,
  GaveUp,
  ReadOutage,
  RolloutEnd,
  Verdict,
} from "../run/rollout-end.ts";
import { formatElapsed } from "../text/format.ts";
import { pollUntil } from "../timing/poll.ts";
import { isConflict } from "./cancel.ts";
import { createPoller, type PollerPorts, type TrackedDeployment } from "./deployment-poller.ts";
import { findServiceDeployments, type RolloutSource } from "./describe-deployments.ts";
import { explainPoll } from "./explain-poll.ts";
import { addSample } from "./history.ts";
import type { OpenPauseVerifier, PauseVerifier } from "./pause-verdict.ts";
import {
  countsOf,
  describeCounts,
  describeEvent,
  describeOpenDeployments,
  describePauseHook,
  newEvents,
} from "./progress.ts";
import { type Decision, decideDeployment } from "./verdict.ts";

export interface WatchPolicy {
  /**
   * When the wait is over, in milliseconds since the Unix epoch: wait-for-minutes after the update
   * was sent.
   */
  readonly until: number;
  /** How long a requested rollback is watched. */
  readonly waitMinutes: number;
  readonly onTimeout: "leave" | "rollback";
  /** 0: no limit. */
  readonly failAfterFailedTasks: number;
  /** The watch also ends at this stage or a later one; undefined: only when ECS has decided. */
  readonly waitUntil: LifecycleStage | undefined;
  /** The new version has failed its verification: the rollback is requested at once. */
  readonly failedVerification: FailedVerification | undefined;
}

interface WatchPorts extends PollerPorts {
  readonly reporter: HeartbeatReporter;
  readonly source: RolloutSource &
    Pick<Ecs, "stopServiceDeployment" | "continueServiceDeployment" | "describeServiceDeployments">;
  /** undefined: a PAUSE hook is left to a person. */
  readonly openPauseVerifier: OpenPauseVerifier | undefined;
  readonly signal: AbortSignal;
}

/** The watch's own data on one rollout. The deployment itself is in its holder. */
interface Rollout {
  readonly tracked: TrackedDeployment;
  end: RolloutEnd | undefined;
  gaveUp: GaveUp | undefined;
  outage: ReadOutage | undefined;
  trafficShiftedAt: number | undefined;
  bakeStartedAt: number | undefined;
  deadline: number;
  /** Events and hooks that were reported. */
  readonly reported: Set<string>;
  lastReportedLine: string;
  /** Verdict and counts of the poll that the debug log explained last. */
  lastExplained: string;
  history: readonly CountSample[];
  readonly pause: PauseVerifier | undefined;
}

/** The watch ends if AWS or the network is unavailable for longer than this. */
const maxOutageMilliseconds = 5 * 60_000;

/** For the rollback request and the search for its ARN: AWS itself may be what does not respond. */
const rollbackRequestMilliseconds = 10_000;

const limitReached: Readonly<Record<GaveUp["reason"], string>> = {
  "timed-out": "wait-for-minutes reached",
  "tasks-failing": "failed-task limit reached",
  "verification-failed": "the verification failed",
  "pause-not-answered": "the PAUSE hook could not be answered",
};

/** How each of these rollouts ended. */
export async function watchRollouts<Run extends TrackedDeployment>(
  runs: readonly Run[],
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<readonly { readonly run: Run; readonly end: RolloutEnd }[]> {
  const { clock, signal } = ports;
  const startedAt = clock.now();
  // As the other lines: a deployment that this run joined began before the watch.
  const firstStart = Math.min(startedAt, ...runs.map(({ deployment }) => deployment.startedAt));
  const watched = runs.map((run) => ({ run, rollout: newRollout(run, policy, ports) }));
  const rollouts = watched.map(({ rollout }) => rollout);
  const poller = createPoller(ports);
  const pollOnce = async () => {
    const open = rollouts.filter(({ end }) => !end);
    const snapshots = await poller.poll(
      open.map(({ tracked }) => tracked),
      nextDeadline(open),
    );
    for (const [index, rollout] of open.entries()) {
      const snapshot = snapshots[index];
      if (snapshot) await processSnapshot(rollout, snapshot, policy, ports);
    }
    ports.reporter.polled(() => describeWait(rollouts, clock.now() - firstStart));
    if (rollouts.every(({ end }) => end)) return "ended";
    return undefined;
  };
  const pause = () => {
    const open = rollouts.filter(({ end }) => !end);
    const untilPoll = poller.pauseMilliseconds(open.map(({ tracked }) => tracked));
    return Math.min(untilPoll, nextDeadline(open) - clock.now());
  };
  try {
    await pollUntil(pollOnce, pause, { clock, signal });
  } finally {
    await Promise.all(rollouts.map((rollout) => rollout.pause?.stop()));
  }
  poller.noticeClassicVerdicts(runs);
  return watched.flatMap(({ run, rollout: { end } }) => {
    if (end) return { run, end };
    return [];
  });
}

/** undefined: all of them have ended. */
function describeWait(
  rollouts: readonly Rollout[],
  elapsedMilliseconds: number,
): string | undefined {
  const open = rollouts
    .filter(({ end }) => !end)
    .map(({ tracked, lastReportedLine }) => ({
      service: tracked.deployment.service,
      lastReportedLine,
    }));
  if (open.length === 0) return undefined;
  const state = describeOpenDeployments(open, rollouts.length > 1);
  return `${formatElapsed(elapsedMilliseconds).padStart(5)}  ${state}`;
}

function nextDeadline(rollouts: readonly Rollout[]): number {
  return Math.min(...rollouts.map(({ deadline }) => deadline));
}

function newRollout(
  tracked: TrackedDeployment,
  { until }: WatchPolicy,
  ports: WatchPorts,
): Rollout {
  const name = `${tracked.deployment.service}: `;
  return {
    tracked,
    end: undefined,
    gaveUp: undefined,
    outage: undefined,
    trafficShiftedAt: undefined,
    bakeStartedAt: undefined,
    deadline: until,
    reported: new Set([tracked.answered?.hookId ?? []].flat()),
    lastReportedLine: "",
    lastExplained: "",
    history: [],
    pause: ports.openPauseVerifier?.(tracked, { ...ports, name }),
  };
}

/**
 * Judges one rollout, reports what changed, and closes it when it is decided or the step gives up
 * on it.
 */
async function processSnapshot(
  rollout: Rollout,
  snapshot: DeploymentSnapshot,
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<void> {
  const decision = decideDeployment(rollout.tracked.deployment, snapshot);
  const { verdict } = decision;
  explainChange(rollout, snapshot, decision, ports);
  if (isUnreadable(snapshot)) return handleOutage(rollout, snapshot, policy, ports);
  rollout.outage = undefined;
  recordTraffic(rollout, snapshot);
  rollout.history = addSample(rollout.history, {
    at: snapshot.at,
    ...countsOf(rollout.tracked.deployment, snapshot),
  });
  reportChanges(rollout, snapshot, verdict, ports);
  followPause(rollout, snapshot, policy, ports);
  const reached = reachedStage(rollout, snapshot, verdict, policy);
  if (verdict.kind !== "rolling") endRollout(rollout, snapshot, verdict);
  else if (reached !== undefined)
    endRollout(rollout, snapshot, { kind: "reached-stage", stage: reached });
  else await giveUpIfDue(rollout, { snapshot, stage: verdict.stage }, policy, ports);
}

/** A rollback that a failed verification has requested is watched as long as any other. */
function followPause(
  rollout: Rollout,
  snapshot: DeploymentSnapshot,
  policy: WatchPolicy,
  { clock }: WatchPorts,
): void {
  // A hook of a deployment that is to be rolled back gets no answer any more.
  if (rollout.gaveUp) return void rollout.pause?.stop();
  const gaveUp = rollout.pause?.follow(snapshot, rollout.deadline);
  if (!gaveUp) return;
  rollout.gaveUp = gaveUp;
  if (gaveUp.rollback === "asked") rollout.deadline = clock.now() + policy.waitMinutes * 60_000;
}

/**
 * A deployment that is about to be rolled back may still name its stage: an alarm, the circuit
 * breaker or a requested rollback rule that out.
 */
function reachedStage(
  { gaveUp }: Rollout,
  { serviceDeployment }: DeploymentSnapshot,
  verdict: Verdict,
  { waitUntil }: WatchPolicy,
): string | undefined {
  if (waitUntil === undefined || gaveUp || verdict.kind !== "rolling") return undefined;
  const { status, breaker, triggeredAlarms = [] } = serviceDeployment ?? {};
  const isFailing = breaker?.status === "TRIGGERED" || triggeredAlarms.length > 0;
  if (status !== "IN_PROGRESS" || isFailing) return undefined;
  if (isAtOrAfter(verdict.stage, waitUntil)) return verdict.stage;
  return undefined;
}

/** A debug line for each poll in which the verdict or a count changed. */
function explainChange(
  rollout: Rollout,
  snapshot: DeploymentSnapshot,
  decision: Decision,
  { reporter }: WatchPorts,
): void {
  const seen = JSON.stringify([decision.verdict, countsOf(rollout.tracked.deployment, snapshot)]);
  if (seen === rollout.lastExplained) return;
  rollout.lastExplained = seen;
  reporter.debug(explainPoll(rollout.tracked.deployment, snapshot, decision));
}

/**
 * Nothing could be read. The watch continues for a while, but not beyond the end of the wait, and
 * not where AWS has denied the reads.
 */
async function handleOutage(
  rollout: Rollout,
  snapshot: DeploymentSnapshot,
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<void> {
  const { reason = "", transient = false } = snapshot.readFailure ?? {};
  const first = rollout.outage === undefined;
  rollout.outage = { since: rollout.outage?.since ?? snapshot.at, reason };
  if (first)
    ports.reporter.info(
      `${elapsedPrefix(rollout, snapshot)}the state of the deployment cannot be read: ${reason}`,
    );
  rollout.lastReportedLine = "not readable: AWS does not answer";
  const stage = "NOT_READABLE";
  if (!transient || snapshot.at - rollout.outage.since >= maxOutageMilliseconds)
    endRollout(rollout, snapshot, { kind: "undecided", stage });
  else await giveUpIfDue(rollout, { snapshot, stage }, policy, ports);
}

function recordTraffic(rollout: Rollout, { at, serviceDeployment }: DeploymentSnapshot): void {
  const { productionTrafficWeight, lifecycleStage } = serviceDeployment ?? {};
  if (productionTrafficWeight === 100) rollout.trafficShiftedAt ??= at;
  else rollout.trafficShiftedAt = undefined;
  if (lifecycleStage === "BAKE_TIME") rollout.bakeStartedAt ??= at;
}

async function giveUpIfDue(
  rollout: Rollout,
  { snapshot, stage }: { readonly snapshot: DeploymentSnapshot; readonly stage: string },
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<void> {
  const reason = giveUpReason(rollout, snapshot, policy);
  if (!reason) return;
  rollout.gaveUp ??= await giveUp(rollout, { snapshot, reason, stage }, policy, ports);
  if (rollout.gaveUp.rollback !== "asked" || snapshot.at >= rollout.deadline)
    endRollout(rollout, snapshot, { kind: "undecided", stage });
}

function endRollout(
  rollout: Rollout,
  snapshot: DeploymentSnapshot,
  verdict: RolloutEnd["verdict"],
): void {
  const { tracked, gaveUp, outage, trafficShiftedAt, bakeStartedAt, history } = rollout;
  rollout.end = {
    verdict,
    gaveUp,
    trafficShiftedAt,
    bakeStartedAt,
    outage,
    snapshot,
    history,
    startedAt: tracked.deployment.startedAt,
    endedAt: snapshot.at,
  };
}

function giveUpReason(
  rollout: Rollout,
  snapshot: DeploymentSnapshot,
  { failAfterFailedTasks, failedVerification }: WatchPolicy,
): GaveUp["reason"] | undefined {
  if (rollout.gaveUp) return rollout.gaveUp.reason;
  if (failedVerification) return "verification-failed";
  if (snapshot.at >= rollout.deadline) return "timed-out";
  const limitReached =
    failAfterFailedTasks > 0 &&
    countsOf(rollout.tracked.deployment, snapshot).failed >= failAfterFailedTasks;
  if (limitReached) return "tasks-failing";
  return undefined;
}

interface GiveUpRequest {
  readonly snapshot: DeploymentSnapshot;
  readonly reason: GaveUp["reason"];
  readonly stage: string;
}

/** Leaves the rollout to ECS, or requests a rollback and waits for it as long again. */
async function giveUp(
  rollout: Rollout,
  { snapshot, reason, stage }: GiveUpRequest,
  policy: WatchPolicy,
  ports: WatchPorts,
): Promise<GaveUp> {
  const { deployment } = rollout.tracked;
  const failedTasks = isUnreadable(snapshot)
    ? (rollout.history.at(-1)?.failed ?? 0)
    : countsOf(deployment, snapshot).failed;
  const known = { reason, stage, failedTasks, verification: policy.failedVerification };
  if (policy.onTimeout === "leave" && reason !== "verification-failed")
    return { ...known, rollback: "left" };
  const refused = await requestRollback(deployment, ports);
  if (refused !== undefined) return { ...known, rollback: { refused } };
  rollout.deadline = ports.clock.now() + policy.waitMinutes * 60_000;
  ports.reporter.info(
    `${elapsedPrefix(rollout, snapshot)}${limitReached[reason]}: requesting rollback.`,
  );
  return { ...known, rollback: "asked" };
}

/**
 * Why ECS refused the rollback. A deployment that has ended in the meantime is no refusal: the next
 * poll shows how it ended.
 */
async function requestRollback(
  own: OwnDeployment,
  { source, clock }: { readonly source: WatchPorts["source"]; readonly clock: Clock },
): Promise<string | undefined> {
  try {
    return await callWithTimeout(rollbackRequestMilliseconds, clock, async (options) => {
      const arn =
        own.serviceDeploymentArn ??
        (await findServiceDeployments(source, [own], options)).get(own.id);
      if (arn === undefined)
        return "the ARN of the service deployment could not be read, and a rollback needs it";
      await source.stopServiceDeployment(arn, options);
      return undefined;
    });
  } catch (error) {
    if (isConflict(error)) return undefined;
    return asDeployError(error).message;
  }
}

/** Prints only what changed. */
function reportChanges(
  rollout: Rollout,
  snapshot: DeploymentSnapshot,
  verdict: Verdict,
  { reporter }: WatchPorts,
): void {
  const { reported, tracked } = rollout;
  const { deployment } = tracked;
  const lines: string[] = [];
  for (const event of newEvents(snapshot, deployment.startedAt, reported)) {
    reported.add(event.id);
    lines.push(describeEvent(event, deployment.service));
  }
  const line = describeCounts(deployment, snapshot, verdict);
  if (line !== rollout.lastReportedLine) lines.push(line);
  rollout.lastReportedLine = line;
  for (const text of lines) reporter.info(`${elapsedPrefix(rollout, snapshot)}${text}`);
  const pause = describePauseHook(deployment, snapshot, consoleHost);
  if (pause && !rollout.pause?.takes(snapshot) && !reported.has(pause.hook)) {
    reported.add(pause.hook);
    reporter.notice(pause.text);
  }
}

/** When, and whose line it is. */
function elapsedPrefix({ tracked }: Rollout, { at }: DeploymentSnapshot): string {
  const { startedAt, service } = tracked.deployment;
  return `${formatElapsed(at - startedAt).padStart(5)}  ${service}: `;
}
