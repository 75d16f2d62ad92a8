import { VirtualClock } from "ecs-simulator/clock";
import { expect, test } from "vitest";
import { pollUntil } from "../../../src/timing/poll.ts";

/** Has an answer at the given read, and notes when each read was. */
function reader(clock: VirtualClock, answerAt: number) {
  const readAt: number[] = [];
  const read = async () => {
    readAt.push(clock.now());
    if (readAt.length === answerAt) return "found";
    return undefined;
  };
  return { read, readAt };
}

test("the first read is at once, and an answer ends the polling without a pause", async () => {
  const clock = new VirtualClock(0);
  const { read, readAt } = reader(clock, 3);
  expect(await pollUntil(read, 5_000, { clock, signal: undefined })).toBe("found");
  expect(readAt).toEqual([0, 5_000, 10_000]);
  expect(clock.now()).toBe(10_000);
});

test("a pause may change; a negative one is none", async () => {
  const clock = new VirtualClock(0);
  const { read, readAt } = reader(clock, 4);
  const pauses = [1_000, 3_000, -5];
  await pollUntil(read, () => pauses.shift() ?? 0, { clock, signal: undefined });
  expect(readAt).toEqual([0, 1_000, 4_000, 4_000]);
});

test("a cancel ends the pause with its reason, an error of a read ends the polling", async () => {
  const clock = new VirtualClock(0);
  const controller = new AbortController();
  const cancelling = async () => controller.abort(new Error("cancelled"));
  const polling = pollUntil(cancelling, 60_000, { clock, signal: controller.signal });
  await expect(polling).rejects.toThrow("cancelled");
  const failing = pollUntil(() => Promise.reject(new Error("no")), 1, { clock, signal: undefined });
  await expect(failing).rejects.toThrow("no");
  expect(clock.now()).toBe(0);
});
