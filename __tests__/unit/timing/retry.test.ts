import { VirtualClock } from "ecs-simulator/clock";
import { expect, test } from "vitest";
import { retry } from "../../../src/timing/retry.ts";

function world() {
  return { clock: new VirtualClock(0), signal: new AbortController().signal };
}

test("attempts are numbered from 1, and follow each other after the policy's pauses", async () => {
  const ports = world();
  const startedAt: (readonly [number, number])[] = [];
  const result = await retry(
    async (number) => {
      startedAt.push([number, ports.clock.now()]);
      return `attempt ${number}`;
    },
    (_, number) => [2_000, 0, 6_000][number - 1],
    ports,
  );
  expect(result).toBe("attempt 4");
  expect(startedAt).toEqual([
    [1, 0],
    [2, 2_000],
    [3, 2_000],
    [4, 8_000],
  ]);
});

test("the policy sees each result, and may take its time", async () => {
  const ports = world();
  const seen: number[] = [];
  const result = await retry(
    async (number) => number * 10,
    async (value) => {
      seen.push(value);
      if (value === 20) return undefined;
      return 100;
    },
    ports,
  );
  expect({ result, seen }).toEqual({ result: 20, seen: [10, 20] });
});

test("what an attempt throws ends the retry", async () => {
  let attempts = 0;
  const failing = retry(
    async () => {
      attempts += 1;
      throw new Error("no");
    },
    () => 1,
    world(),
  );
  await expect(failing).rejects.toThrow("no");
  expect(attempts).toBe(1);
});

test("a cancel ends the pause with its reason", async () => {
  const controller = new AbortController();
  const clock = new VirtualClock(0);
  const waiting = retry(
    async () => controller.abort(new Error("cancelled")),
    () => 60_000,
    { clock, signal: controller.signal },
  );
  await expect(waiting).rejects.toThrow("cancelled");
  expect(clock.now()).toBe(0);
});
