import { VirtualClock } from "ecs-simulator/clock";
import { describe, expect, test } from "vitest";
import { backoffMilliseconds, createCall } from "../../../src/aws/call.ts";
import { noteResponse } from "../../../src/aws/response-facts.ts";
import { DeployError } from "../../../src/errors.ts";

const throttled = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
const expired = Object.assign(new Error("expired"), { name: "ExpiredTokenException" });
const refused = Object.assign(new Error("No."), { name: "InvalidParameterException" });

function skew(words: string): Error {
  return Object.assign(new Error(`Signature not yet current: ${words}`), {
    name: "SignatureDoesNotMatch",
  });
}

function world() {
  const clock = new VirtualClock(0);
  const controller = new AbortController();
  const debugLines: string[] = [];
  let renewals = 0;
  const call = createCall({
    clock,
    signal: controller.signal,
    random: () => 0.5,
    renewCredentials: () => void renewals++,
    debug: (line) => void debugLines.push(line),
  });
  return { clock, controller, call, debugLines, renewals: () => renewals };
}

/** Fails with these, one after the other; then answers with the number of the attempt. */
function failing(...errors: readonly Error[]) {
  let attempts = 0;
  return async () => {
    const error = errors[attempts++];
    if (error) throw error;
    return attempts;
  };
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(new Error("Request aborted"))),
  );
}

describe("the debug log has one line for a call", () => {
  test("with its status, its time and its request id", async () => {
    const { call, debugLines } = world();
    await call("ecs:X", async () => noteResponse({ status: 200, requestId: "r-1" }));
    expect(debugLines).toEqual(["ecs:X: HTTP 200, request id r-1 in 0 ms"]);
  });

  test("with the attempts that failed before, and without their messages", async () => {
    const { call, debugLines } = world();
    await call("ecs:X", failing(throttled, Object.assign(new Error("hush"), { code: "EPIPE" })));
    expect(debugLines).toEqual([
      "ecs:X: no HTTP status in 1125 ms; attempt 3, after ThrottlingException, no HTTP status; EPIPE, no HTTP status",
    ]);
  });

  test("that fails", async () => {
    const { call, debugLines } = world();
    const end = call("ecs:X", async () => {
      noteResponse({ status: 400, requestId: "r-2" });
      throw refused;
    });
    await expect(end).rejects.toThrow("No (request id r-2).");
    expect(debugLines).toEqual([
      "ecs:X: InvalidParameterException, HTTP 400, request id r-2 in 0 ms",
    ]);
  });

  test("that is cancelled", async () => {
    const { call, controller, debugLines } = world();
    const end = call("ecs:X", never);
    controller.abort(new Error("cancelled"));
    await expect(end).rejects.toThrow("cancelled");
    expect(debugLines).toEqual(["ecs:X: aborted, no HTTP status in 0 ms"]);
  });
});

describe("a call", () => {
  test("that is answered takes no time", async () => {
    const { clock, call } = world();
    expect(await call("ecs:X", failing())).toBe(1);
    expect(clock.now()).toBe(0);
  });

  test("with a transient error is retried with backoff", async () => {
    const { clock, call } = world();
    expect(await call("ecs:X", failing(throttled, throttled, throttled))).toBe(4);
    expect(clock.now()).toBe(375 + 750 + 1_500);
  });

  test("that keeps failing ends within its retry time", async () => {
    const { clock, call } = world();
    const end = call("ecs:X", () => Promise.reject(throttled), { retryForMilliseconds: 60_000 });
    await expect(end).rejects.toMatchObject({ code: "AwsUnavailable", cause: throttled });
    expect(clock.now()).toBeGreaterThan(40_000);
    expect(clock.now()).toBeLessThanOrEqual(60_000);
  });

  test("with a retry time of 0 is made once", async () => {
    const { clock, call } = world();
    await expect(
      call("ecs:X", failing(throttled), { retryForMilliseconds: 0 }),
    ).rejects.toBeInstanceOf(DeployError);
    expect(clock.now()).toBe(0);
  });

  test("that is refused is made once", async () => {
    const { call } = world();
    await expect(call("ecs:X", failing(refused))).rejects.toMatchObject({
      code: "AwsRefused",
      message: "ecs:X failed: InvalidParameterException: No.",
    });
  });

  test("that gets no answer is ended after 20 s and tried again", async () => {
    const { clock, call } = world();
    let attempts = 0;
    const answer = await call("ecs:X", (signal) =>
      attempts++ === 0 ? never(signal) : Promise.resolve("answer"),
    );
    expect(answer).toBe("answer");
    expect(clock.now()).toBe(20_000 + 375);
  });

  test("with expired credentials is tried at once with new ones, but only once", async () => {
    const { clock, call, renewals } = world();
    expect(await call("ecs:X", failing(expired))).toBe(2);
    expect(clock.now()).toBe(0);
    await expect(call("ecs:X", failing(expired, expired))).rejects.toMatchObject({
      code: "CredentialsRefused",
    });
    expect(renewals()).toBe(2);
  });

  test("refused for its time is tried at once, for the SDK has corrected its clock, but only once", async () => {
    const { clock, call } = world();
    const early = skew(
      "20261127T224000Z is still later than 20261127T222500Z (20261127T222000Z + 5 min.)",
    );
    const still = skew(
      "20261127T224001Z is still later than 20261127T222501Z (20261127T222001Z + 5 min.)",
    );
    expect(await call("ecs:X", failing(early))).toBe(2);
    await expect(call("ecs:X", failing(early, still))).rejects.toMatchObject({
      code: "ClockSkewed",
      cause: early,
    });
    expect(clock.now()).toBe(0);
  });

  test("ends with the run, also while it waits for its next try", async () => {
    const { clock, controller, call } = world();
    const cancelled = new DeployError({ code: "Cancelled", message: "The run was cancelled." });
    void clock.sleep(100).then(() => controller.abort(cancelled));
    await expect(call("ecs:X", () => Promise.reject(throttled))).rejects.toBe(cancelled);
    expect(clock.now()).toBe(100);
  });

  test("ends with its own signal", async () => {
    const { clock, call } = world();
    const ended = new AbortController();
    const late = new DeployError({ code: "Bug", message: "late" });
    void clock.sleep(100).then(() => ended.abort(late));
    await expect(call("ecs:X", never, { signal: ended.signal })).rejects.toBe(late);
  });
});

test.each([
  { attempt: 1, least: 250, most: 500 },
  { attempt: 2, least: 500, most: 1_000 },
  { attempt: 6, least: 7_500, most: 15_000 },
  { attempt: 30, least: 7_500, most: 15_000 },
])("before attempt $attempt + 1: $least to $most ms", ({ attempt, least, most }) => {
  expect(backoffMilliseconds(attempt, 0)).toBe(least);
  expect(backoffMilliseconds(attempt, 1)).toBe(most);
});
