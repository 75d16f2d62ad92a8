import { describe, expect, it } from "vitest";
import { bounds, planRolling, type RollingView } from "../../src/ecs/rolling.ts";

const view = (change: Partial<RollingView>): RollingView => ({
  desired: 4,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  target: { live: 0, good: 0 },
  old: { live: 4, good: 4 },
  stopping: 0,
  ...change,
});

it("the minimum rounds up, the maximum down", () => {
  expect(bounds(3, 50, 125)).toEqual({ lower: 2, upper: 3 });
});

describe("a rolling deployment", () => {
  it("starts as many as the maximum allows", () => {
    expect(planRolling(view({})).start).toBe(4);
    expect(planRolling(view({ maximumPercent: 150 }))).toMatchObject({
      start: 2,
      stopOld: 0,
      stuck: false,
    });
  });

  it("stops old tasks one for one as new ones become healthy", () => {
    expect(planRolling(view({ target: { live: 4, good: 1 } })).stopOld).toBe(1);
    expect(planRolling(view({ target: { live: 4, good: 4 } })).stopOld).toBe(4);
  });

  it("makes room by stopping old tasks down to the minimum", () => {
    expect(planRolling(view({ minimumHealthyPercent: 50, maximumPercent: 100 }))).toMatchObject({
      start: 0,
      stopOld: 2,
    });
    const half = { minimumHealthyPercent: 50, maximumPercent: 100, old: { live: 2, good: 2 } };
    expect(planRolling(view({ ...half, stopping: 2 }))).toMatchObject({ start: 2, stopOld: 0 });
  });

  it("stops unhealthy old tasks first when it needs room", () => {
    expect(planRolling(view({ maximumPercent: 100, old: { live: 4, good: 3 } })).stopOld).toBe(1);
  });

  it("is stuck where the percentages leave no room", () => {
    expect(planRolling(view({ maximumPercent: 100 })).stuck).toBe(true);
    expect(
      planRolling(view({ desired: 3, maximumPercent: 125, old: { live: 3, good: 3 } })).stuck,
    ).toBe(true);
    expect(planRolling(view({ maximumPercent: 100, stopping: 1 })).stuck).toBe(false);
  });

  it("heals itself whatever the percentages say", () => {
    expect(
      planRolling(
        view({ maximumPercent: 100, target: { live: 3, good: 3 }, old: { live: 0, good: 0 } }),
      ).start,
    ).toBe(1);
  });

  it("scales in, and to nothing", () => {
    expect(
      planRolling(view({ desired: 2, target: { live: 4, good: 4 }, old: { live: 0, good: 0 } }))
        .stopTarget,
    ).toBe(2);
    expect(planRolling(view({ desired: 0 }))).toMatchObject({ start: 0, stopOld: 4, stuck: false });
  });

  it("early success lets the old tasks go", () => {
    expect(planRolling(view({ target: { live: 4, good: 2 }, releaseOld: true })).stopOld).toBe(4);
  });
});
