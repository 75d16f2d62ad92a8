// When the deployments are read next, PURE. All of them at a slow pace; those that show signs of
// their end sooner, within one budget of reads. bench/ measures both: how late the verdict comes,
// and how many reads that takes.

import { jitter } from "../clock.ts";
import type { ServiceDeployment } from "../ecs/deployment.ts";

/** What one rollout showed at its last read. */
export interface Heat {
  /** Everything of it that announces an end. */
  readonly signs: string;
  /** Milliseconds since the Unix epoch. */
  readonly hotUntil: number;
}

/** After the last sign ECS takes some seconds, mostly fewer, until it records the end. */
const hotMilliseconds = 15_000;

/** A long drain behind a load balancer changes nothing for minutes: it is not hot meanwhile. */
export function heatAfter(
  previous: Heat | undefined,
  deployment: ServiceDeployment,
  at: number,
): Heat {
  const signs = signsOf(deployment);
  const hotUntil = previous?.hotUntil ?? 0;
  if (!previous || previous.signs === signs || !isNearEnd(deployment)) return { signs, hotUntil };
  return { signs, hotUntil: at + hotMilliseconds };
}

function signsOf(deployment: ServiceDeployment): string {
  const { status, lifecycleStage, runningTasks, sourceTasks, breaker } = deployment;
  return JSON.stringify([
    status,
    lifecycleStage,
    runningTasks,
    sourceTasks,
    breaker?.status,
    breaker?.failureCount,
  ]);
}

/** All new tasks run, or the deployment has failed. */
function isNearEnd({ status, requestedTasks, runningTasks, breaker }: ServiceDeployment): boolean {
  if (status !== "PENDING" && status !== "IN_PROGRESS") return true;
  if (breaker && breaker.failureCount > 0 && breaker.failureCount >= breaker.threshold) return true;
  return runningTasks >= requestedTasks;
}

/** DescribeServiceDeployments takes so many: where all fit, a hot poll reads all of them. */
const oneCall = 20;

const hotPauseMilliseconds = 1_000;

/** The first seconds: a change of settings alone is over at once. */
const youngMilliseconds = 5_000;

/** After half an hour the verdict is not urgent any more. */
const oldMilliseconds = 30 * 60_000;
const oldPauseMilliseconds = 10_000;

interface PollPace {
  /** Between two polls of all deployments. */
  readonly pauseMilliseconds: number;
  /** How many polls of a minute may come sooner. */
  readonly hotPolls: number;
}

/** Few: one call reads all. Many: three calls for 50, so the slow pace costs most of the reads. */
const paces: { readonly few: PollPace; readonly many: PollPace; readonly classic: PollPace } = {
  few: { pauseMilliseconds: 2_500, hotPolls: 14 },
  many: { pauseMilliseconds: 2_900, hotPolls: 8 },
  classic: { pauseMilliseconds: 3_000, hotPolls: 0 },
};

export interface PollState {
  readonly now: number;
  /** Of the watch, in milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** When all were polled last. */
  readonly lastFullPoll: number;
  /** When the hot polls were; those of the last minute count. */
  readonly hotPolls: readonly number[];
  readonly open: number;
  readonly hot: number;
  /** Only the classic list can be read. */
  readonly onlyClassic: boolean;
}

export interface NextPoll {
  readonly pauseMilliseconds: number;
  /** `hot`: only those that show signs of their end. */
  readonly scope: "all" | "hot";
  /** It comes sooner than the slow pace. */
  readonly isHot: boolean;
}

/** @param random from 0 to 1: jobs that start together do not poll together */
export function nextPoll(state: PollState, random: number): NextPoll {
  const { now, startedAt, lastFullPoll, open, hot } = state;
  const { pauseMilliseconds, hotPolls } = paceOf(state);
  const sooner = jitter(hotPauseMilliseconds, random);
  const fullPause = Math.max(sooner, lastFullPoll + jitter(pauseMilliseconds, random) - now);
  const full: NextPoll = { pauseMilliseconds: fullPause, scope: "all", isHot: false };
  if (sooner >= fullPause) return full;
  if (open <= oneCall && now - startedAt < youngMilliseconds)
    return { pauseMilliseconds: sooner, scope: "all", isHot: true };
  const used = state.hotPolls.filter((at) => at > now - 60_000).length;
  if (hot === 0 || used >= hotPolls) return full;
  return { pauseMilliseconds: sooner, scope: open <= oneCall ? "all" : "hot", isHot: true };
}

function paceOf({ now, startedAt, open, onlyClassic }: PollState): PollPace {
  const { few, many, classic } = paces;
  let pace = open <= oneCall ? few : many;
  if (onlyClassic) pace = classic;
  if (now - startedAt < oldMilliseconds) return pace;
  return { ...pace, pauseMilliseconds: oldPauseMilliseconds };
}

/** Above this number the services, with their events, are read less often. */
export const manyServices = 10;

/** Milliseconds between two reads of the services: their events are shown so much later. */
export function servicesPauseMilliseconds(open: number): number {
  if (open > manyServices) return 20_000;
  return 12_000;
}
