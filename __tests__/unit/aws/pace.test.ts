import { VirtualClock } from "ecs-simulator/clock";
import { describe, expect, test } from "vitest";
import { createCall } from "../../../src/aws/call.ts";
import { createPace } from "../../../src/aws/pace.ts";

const never = new AbortController().signal;

describe("the pace of one operation", () => {
  test("nine tenths of the burst at once, then as the bucket is refilled, in order", async () => {
    const clock = new VirtualClock(0);
    const pace = createPace(clock);
    const turns = await Promise.all(
      Array.from({ length: 22 }, async (_, index) => {
        await pace.turn("ecs:RegisterTaskDefinition", never);
        return [index, clock.now()];
      }),
    );
    expect(turns.slice(0, 18).every(([, at]) => at === 0)).toBe(true);
    expect(turns.slice(18)).toEqual([
      [18, 1_000],
      [19, 2_000],
      [20, 3_000],
      [21, 4_000],
    ]);
  });

  test("an operation that AWS documents no limit of does not wait", () => {
    const pace = createPace(new VirtualClock(0));
    const turns = Array.from({ length: 500 }, () => pace.turn("ecs:StopServiceDeployment", never));
    expect(turns.every((turn) => turn === undefined)).toBe(true);
  });

  test("one that gives up leaves its turn to the next", async () => {
    const clock = new VirtualClock(0);
    const pace = createPace(clock);
    for (let taken = 0; taken < 18; taken++) await pace.turn("ecs:RegisterTaskDefinition", never);
    const controller = new AbortController();
    const given = pace.turn("ecs:RegisterTaskDefinition", controller.signal);
    const next = pace.turn("ecs:RegisterTaskDefinition", never);
    controller.abort(new Error("cancelled"));
    await expect(given).rejects.toThrow("cancelled");
    await next;
    expect(clock.now()).toBe(1_000);
  });

  test("after all have given up, the pace is kept", async () => {
    const clock = new VirtualClock(0);
    const pace = createPace(clock);
    for (let taken = 0; taken < 18; taken++) await pace.turn("ecs:RegisterTaskDefinition", never);
    const controller = new AbortController();
    const given = pace.turn("ecs:RegisterTaskDefinition", controller.signal);
    controller.abort(new Error("cancelled"));
    await expect(given).rejects.toThrow("cancelled");
    await pace.turn("ecs:RegisterTaskDefinition", never);
    expect(clock.now()).toBe(1_000);
  });

  test("a refusal empties the bucket; the refused call is sent before those that wait", async () => {
    const clock = new VirtualClock(0);
    const pace = createPace(clock);
    pace.refused("ecs:UpdateService");
    const order: string[] = [];
    const first = pace.turn("ecs:UpdateService", never)?.then(() => order.push("new"));
    const retry = pace.turn("ecs:UpdateService", never, true)?.then(() => order.push("retry"));
    await Promise.all([first, retry]);
    expect(order).toEqual(["retry", "new"]);
    // at four fifths of 5 per second
    expect(clock.now()).toBeGreaterThan(480);
    expect(clock.now()).toBeLessThan(520);
  });
});

test("the time in which a call waits for its turn is no outage", async () => {
  const clock = new VirtualClock(0);
  const call = createCall({ clock, signal: never, random: () => 0.5, pace: createPace(clock) });
  const throttled = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
  const sent = new Map<number, number>();
  const calls = Array.from({ length: 200 }, (_, index) =>
    call("ecs:RegisterTaskDefinition", async () => {
      const attempt = (sent.get(index) ?? 0) + 1;
      sent.set(index, attempt);
      if (index === 199 && attempt === 1) throw throttled;
      return index;
    }),
  );
  await expect(Promise.all(calls)).resolves.toHaveLength(200);
  expect(sent.get(199)).toBe(2);
  expect(clock.now()).toBeGreaterThan(180_000);
});

test("a cancelled call that waits for its turn is never sent", async () => {
  const clock = new VirtualClock(0);
  const controller = new AbortController();
  const pace = createPace(clock);
  const call = createCall({ clock, signal: controller.signal, random: () => 0.5, pace });
  pace.refused("ecs:UpdateService");
  let sent = 0;
  const end = call("ecs:UpdateService", async () => sent++);
  controller.abort(new Error("cancelled"));
  await expect(end).rejects.toThrow("cancelled");
  expect(sent).toBe(0);
});
