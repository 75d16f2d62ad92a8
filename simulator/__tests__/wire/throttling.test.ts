import { expect, test } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import { createThrottle, ecsBuckets } from "../../src/wire/throttling.ts";

function refusedOf(throttle: (call: string) => boolean, call: string, times: number): number {
  return Array.from({ length: times }, () => throttle(call)).filter(Boolean).length;
}

test("a bucket accepts its burst, and then as many calls per second as it is refilled", () => {
  const clock = new VirtualClock();
  const throttle = createThrottle(ecsBuckets, clock);
  expect(refusedOf(throttle, "ecs:RegisterTaskDefinition", 25)).toBe(5);
  clock.advance(3_000);
  expect(refusedOf(throttle, "ecs:RegisterTaskDefinition", 5)).toBe(2);
  clock.advance(60 * 60_000);
  expect(refusedOf(throttle, "ecs:RegisterTaskDefinition", 25)).toBe(5);
});

test("operations of one group share their bucket; others are never refused", () => {
  const throttle = createThrottle(ecsBuckets, new VirtualClock());
  expect(refusedOf(throttle, "ecs:ListServiceDeployments", 50)).toBe(0);
  expect(refusedOf(throttle, "ecs:DescribeServiceDeployments", 1)).toBe(1);
  expect(refusedOf(throttle, "ecs:DescribeServices", 100)).toBe(0);
  expect(refusedOf(throttle, "sts:GetCallerIdentity", 1_000)).toBe(0);
});
