import { describe, expect, it } from "vitest";
import {
  breakerThreshold,
  countsAsFailure,
  throttleDelay,
  tripsBreaker,
} from "../../src/ecs/breaker.ts";

const on = { enable: true, rollback: true };

describe("threshold", () => {
  it.each([
    [1, undefined, 3],
    [25, undefined, 13],
    [400, undefined, 200],
    [800, undefined, 200],
    [800, { type: "UNBOUNDED_PERCENT", value: 50 }, 400],
    [10, { type: "BOUNDED_PERCENT", value: 100 }, 10],
    [10, { type: "COUNT", value: 1 }, 1],
  ] as const)("of %i tasks with %j is %i", (desired, thresholdConfiguration, expected) => {
    expect(
      breakerThreshold(
        { ...on, ...(thresholdConfiguration && { thresholdConfiguration }) },
        desired,
      ),
    ).toBe(expected);
  });

  it("trips at the threshold, only when enabled, never on nothing", () => {
    expect([2, 3].map((failures) => tripsBreaker(on, failures, 1))).toEqual([false, true]);
    expect(tripsBreaker({ enable: false, rollback: true }, 9, 1)).toBe(false);
    expect(
      tripsBreaker(
        { ...on, thresholdConfiguration: { type: "UNBOUNDED_PERCENT", value: 50 } },
        0,
        0,
      ),
    ).toBe(false);
  });
});

it("counts what ends by itself before it was healthy, and what fails a check", () => {
  const ending = { byItself: true, wasHealthy: false, failedCheck: false };
  expect(countsAsFailure(ending)).toBe(true);
  expect(countsAsFailure({ ...ending, wasHealthy: true })).toBe(false);
  expect(countsAsFailure({ ...ending, byItself: false })).toBe(false);
  expect(countsAsFailure({ byItself: false, wasHealthy: true, failedCheck: true })).toBe(true);
});

it("the service throttle grows up to 15 minutes", () => {
  expect([0, 1, 2, 3, 4, 9, 500].map(throttleDelay)).toEqual([
    0, 0, 15_000, 30_000, 60_000, 900_000, 900_000,
  ]);
});
