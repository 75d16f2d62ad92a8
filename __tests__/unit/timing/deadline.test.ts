import { VirtualClock } from "ecs-simulator/clock";
import { expect, test } from "vitest";
import { withDeadline } from "../../../src/timing/deadline.ts";

test("work in time gives its result, and its signal does not abort", async () => {
  const clock = new VirtualClock(0);
  const seen: AbortSignal[] = [];
  const result = await withDeadline(1_000, clock, async (signal) => {
    seen.push(signal);
    await clock.sleep(900);
    return "done";
  });
  expect(result).toBe("done");
  await clock.sleep(5_000);
  expect(seen.map(({ aborted }) => aborted)).toEqual([false]);
});

test("work that fails in time fails with its own error", async () => {
  const failed = withDeadline(1_000, new VirtualClock(0), () => Promise.reject(new Error("no")));
  await expect(failed).rejects.toThrow("no");
});

test("work that does not end is given up, also when it ignores its signal", async () => {
  const clock = new VirtualClock(0);
  let aborted = false;
  const hung = withDeadline(20_000, clock, (signal) => {
    signal.addEventListener("abort", () => {
      aborted = true;
    });
    return new Promise(() => {});
  });
  await expect(hung).rejects.toMatchObject({
    name: "TimeoutError",
    message: "no answer within 20 s",
  });
  expect(clock.now()).toBe(20_000);
  expect(aborted).toBe(true);
});
