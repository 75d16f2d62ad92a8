import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import type { CallContext } from "../../src/contract.ts";
import { createLogs } from "../../src/logs/logs.ts";

function createWorld() {
  const clock = new VirtualClock(1_000_000);
  const logs = createLogs({ clock });
  logs.createGroup("/web");
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
  const call = (operation: string, input: object): any =>
    logs.service.operations[operation]!(input, {} as CallContext);
  const read = (more: object = {}) =>
    call("GetLogEvents", { logGroupName: "/web", logStreamName: "s", ...more });
  const messages = (answer: { events: { message: string }[] }) =>
    answer.events.map((one) => one.message);
  const fill = (count: number) => {
    for (let index = 0; index < count; index++) {
      logs.put("/web", "s", `line ${index}`);
      clock.advance(1_000);
    }
  };
  return { clock, logs, call, read, messages, fill };
}

const notFound = (text: string) =>
  expect.objectContaining({ name: "ResourceNotFoundException", message: text });

describe("GetLogEvents", () => {
  it("the newest events by default, the oldest with startFromHead; times are milliseconds", () => {
    const { read, messages, fill } = createWorld();
    fill(5);
    expect(messages(read({ limit: 2 }))).toEqual(["line 3", "line 4"]);
    expect(messages(read({ limit: 2, startFromHead: true }))).toEqual(["line 0", "line 1"]);
    expect(read({ startFromHead: true }).events[1]).toEqual({
      timestamp: 1_001_000,
      ingestionTime: 1_001_000,
      message: "line 1",
    });
  });

  it("forward to the end, where the token stays the same until there is more", () => {
    const { read, messages, fill, logs } = createWorld();
    fill(3);
    const first = read({ limit: 2, startFromHead: true });
    const second = read({ limit: 2, nextToken: first.nextForwardToken });
    const end = read({ nextToken: second.nextForwardToken });
    expect([messages(second), messages(end)]).toEqual([["line 2"], []]);
    expect(end.nextForwardToken).toBe(second.nextForwardToken);
    logs.put("/web", "s", "late");
    expect(messages(read({ nextToken: end.nextForwardToken }))).toEqual(["late"]);
  });

  it("backward in pages", () => {
    const { read, messages, fill } = createWorld();
    fill(5);
    const newest = read({ limit: 2 });
    const older = read({ limit: 2, nextToken: newest.nextBackwardToken });
    expect(messages(older)).toEqual(["line 1", "line 2"]);
    expect(messages(read({ nextToken: older.nextForwardToken }))).toEqual(["line 3", "line 4"]);
  });

  it("from startTime on, before endTime", () => {
    const { read, messages, fill } = createWorld();
    fill(5);
    expect(messages(read({ startTime: 1_001_000, endTime: 1_003_000 }))).toEqual([
      "line 1",
      "line 2",
    ]);
  });

  it("at most 1 MiB at once", () => {
    const { read, logs } = createWorld();
    for (let index = 0; index < 5; index++) logs.put("/web", "s", "x".repeat(300_000));
    expect(read({ startFromHead: true }).events).toHaveLength(3);
  });

  it("names what is missing, as AWS does", () => {
    const { read } = createWorld();
    expect(() => read()).toThrow(notFound("The specified log stream does not exist."));
    expect(() => read({ logGroupName: "/none" })).toThrow(
      notFound("The specified log group does not exist."),
    );
    expect(() => read({ logStreamName: "" })).toThrow(
      expect.objectContaining({ name: "InvalidParameterException" }),
    );
  });

  it("takes the group's ARN too", () => {
    const { read, fill } = createWorld();
    fill(1);
    const logGroupIdentifier = "arn:aws:logs:us-east-1:123456789012:log-group:/web";
    expect(read({ logGroupName: undefined, logGroupIdentifier }).events).toHaveLength(1);
  });

  it("keeps events in the order of their times", () => {
    const { read, messages, logs } = createWorld();
    logs.put("/web", "s", "second", 20);
    logs.put("/web", "s", "first", 10);
    expect(messages(read())).toEqual(["first", "second"]);
  });
});

describe("FilterLogEvents", () => {
  it("across streams, by prefix, names, pattern and time, in pages", () => {
    const { call, messages, logs, clock } = createWorld();
    for (const stream of ["app/1", "app/2", "side/1"]) {
      logs.put("/web", stream, `hello from ${stream}`);
      clock.advance(1_000);
    }
    const filter = (more: object) => call("FilterLogEvents", { logGroupName: "/web", ...more });
    expect(messages(filter({}))).toEqual([
      "hello from app/1",
      "hello from app/2",
      "hello from side/1",
    ]);
    expect(messages(filter({ logStreamNamePrefix: "app/" }))).toHaveLength(2);
    expect(messages(filter({ logStreamNames: ["side/1"] }))).toEqual(["hello from side/1"]);
    expect(messages(filter({ filterPattern: '"app/2" hello' }))).toEqual(["hello from app/2"]);
    expect(messages(filter({ startTime: 1_001_000 }))).toHaveLength(2);
    const first = filter({ limit: 2 });
    expect(messages(filter({ limit: 2, nextToken: first.nextToken }))).toEqual([
      "hello from side/1",
    ]);
    expect(filter({}).events[0]).toMatchObject({
      logStreamName: "app/1",
      eventId: expect.stringMatching(/^\d{56}$/),
    });
  });
});

describe("groups and streams", () => {
  it("a group is created once", () => {
    const { call, logs } = createWorld();
    call("CreateLogGroup", { logGroupName: "/new" });
    expect(logs.hasGroup("/new")).toBe(true);
    expect(() => call("CreateLogGroup", { logGroupName: "/new" })).toThrow(
      expect.objectContaining({
        name: "ResourceAlreadyExistsException",
        message: "The specified log group already exists",
      }),
    );
  });

  it("are described by prefix, streams by name or last event", () => {
    const { call, logs, clock } = createWorld();
    logs.createGroup("/api");
    const names = (more: object) =>
      call("DescribeLogGroups", more).logGroups.map(
        (one: { logGroupName: string }) => one.logGroupName,
      );
    expect(names({})).toEqual(["/api", "/web"]);
    expect(names({ logGroupNamePrefix: "/w" })).toEqual(["/web"]);
    logs.put("/web", "b", "1");
    clock.advance(1_000);
    logs.put("/web", "a", "2");
    const streams = (more: object) =>
      call("DescribeLogStreams", { logGroupName: "/web", ...more }).logStreams.map(
        (one: { logStreamName: string }) => one.logStreamName,
      );
    expect(streams({})).toEqual(["a", "b"]);
    expect(streams({ orderBy: "LastEventTime" })).toEqual(["b", "a"]);
    expect(streams({ descending: true, limit: 1 })).toEqual(["b"]);
    expect(() => streams({ logGroupName: "/none" })).toThrow(
      notFound("The specified log group does not exist."),
    );
  });
});
