import { describe, expect, test } from "vitest";
import { heatAfter, nextPoll, type PollState } from "../../../src/deployment/poll-schedule.ts";
import { serviceDeployment } from "./world.ts";

const minute = 60_000;

/** One minute after the start; all were polled at this moment. */
function state(members: Partial<PollState> = {}): PollState {
  return {
    now: minute,
    startedAt: 0,
    lastFullPoll: minute,
    hotPolls: [],
    open: 1,
    hot: 0,
    onlyClassic: false,
    ...members,
  };
}

describe("the next poll", () => {
  test.each<[string, Partial<PollState>, number]>([
    [
      "in the first seconds: a change of settings is over at once",
      { now: 0, lastFullPoll: 0 },
      1_000,
    ],
    ["of one deployment", {}, 2_500],
    ["of twenty: one call reads them", { open: 20 }, 2_500],
    ["of many, also in the first seconds", { now: 0, lastFullPoll: 0, open: 21 }, 2_900],
    ["of the classic list, which takes a call for ten", { onlyClassic: true }, 3_000],
    ["after half an hour", { now: 30 * minute, lastFullPoll: 30 * minute }, 10_000],
    ["after a poll that took long", { lastFullPoll: minute - 15_000 }, 1_000],
  ])("%s", (_, members, pauseMilliseconds) => {
    expect(nextPoll(state(members), 0.5)).toMatchObject({ pauseMilliseconds, scope: "all" });
  });

  test("jobs that start together do not poll together", () => {
    expect(nextPoll(state(), 0).pauseMilliseconds).toBe(2_250);
    expect(nextPoll(state(), 1).pauseMilliseconds).toBe(2_750);
  });

  test("a hot deployment is polled sooner; of many only the hot ones", () => {
    const soon = { pauseMilliseconds: 1_000, isHot: true };
    expect(nextPoll(state({ hot: 1 }), 0.5)).toEqual({ ...soon, scope: "all" });
    expect(nextPoll(state({ hot: 1, open: 50 }), 0.5)).toEqual({ ...soon, scope: "hot" });
  });

  test("only so many polls of any minute may be hot", () => {
    const spent = Array.from({ length: 14 }, (_, index) => minute - index * 1_000);
    expect(nextPoll(state({ hot: 1, hotPolls: spent }), 0.5).isHot).toBe(false);
    const later = state({ hot: 1, hotPolls: spent, now: 2 * minute, lastFullPoll: 2 * minute });
    expect(nextPoll(later, 0.5).isHot).toBe(true);
  });

  test.each([
    { open: 1, most: 34 },
    { open: 50, most: 29 },
  ])("$open deployments, always hot: at most $most polls in any minute", ({ open, most }) => {
    const polls: number[] = [];
    let hotPolls: number[] = [];
    let lastFullPoll = minute;
    for (let now = minute; now < 10 * minute; ) {
      const next = nextPoll(state({ now, lastFullPoll, hotPolls, open, hot: open }), 0.5);
      if (next.isHot) hotPolls = [...hotPolls, now];
      now += next.pauseMilliseconds;
      if (next.scope === "all") lastFullPoll = now;
      polls.push(now);
    }
    const perMinute = polls.map(
      (from) => polls.filter((at) => at >= from && at < from + minute).length,
    );
    expect(Math.max(...perMinute)).toBeLessThanOrEqual(most);
  });
});

describe("a deployment becomes hot", () => {
  const running = { status: "IN_PROGRESS", requestedTasks: 2, runningTasks: 2, sourceTasks: 2 };
  const breaker = { status: "MONITORING", failureCount: 2, threshold: 3 };

  test.each<
    [string, Parameters<typeof serviceDeployment>[0], Parameters<typeof serviceDeployment>[0]]
  >([
    ["when the last new task runs", { ...running, runningTasks: 1 }, running],
    ["when an old task stops after that", running, { ...running, sourceTasks: 1 }],
    ["when its stage changes after that", running, { ...running, lifecycleStage: "CLEAN_UP" }],
    ["when ECS rolls it back", running, { ...running, status: "ROLLBACK_IN_PROGRESS" }],
    [
      "when as many tasks have failed as the circuit breaker allows",
      { ...running, runningTasks: 0, breaker },
      { ...running, runningTasks: 0, breaker: { ...breaker, failureCount: 3 } },
    ],
  ])("%s", (_, before, after) => {
    const first = heatAfter(undefined, serviceDeployment(before), 1_000);
    expect(first.hotUntil).toBe(0);
    expect(heatAfter(first, serviceDeployment(after), 2_000).hotUntil).toBe(17_000);
  });

  test("not while new tasks are still missing", () => {
    const first = heatAfter(undefined, serviceDeployment({ ...running, runningTasks: 0 }), 1_000);
    const more = heatAfter(first, serviceDeployment({ ...running, runningTasks: 1 }), 2_000);
    expect(more.hotUntil).toBe(0);
  });

  test("and stays so for 15 s: a long drain behind a load balancer changes nothing", () => {
    const first = heatAfter(undefined, serviceDeployment({ ...running, runningTasks: 1 }), 0);
    let heat = heatAfter(first, serviceDeployment(running), 1_000);
    for (let at = 2_000; at < 300_000; at += 1_000)
      heat = heatAfter(heat, serviceDeployment(running), at);
    expect(heat.hotUntil).toBe(16_000);
  });
});
