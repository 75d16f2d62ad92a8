// CloudWatch Logs, as far as a reader of container logs needs it.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html

import type {
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
  LogStream,
} from "@aws-sdk/client-cloudwatch-logs";
import { AwsError, type AwsService, type SimulatorClock } from "../contract.ts";
import { LogGroupStore, logGroupOperations } from "./log-groups.ts";
import { byName, paged } from "./paging.ts";

interface LoggedEvent {
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
  readonly eventId: string;
}

interface LogStreamState {
  readonly name: string;
  readonly createdAt: number;
  readonly events: LoggedEvent[];
}

export interface Logs {
  readonly service: AwsService;
  /** Creates the group; an existing one is left unchanged. */
  createGroup(group: string): void;
  hasGroup(group: string): boolean;
  /**
   * Appends a message; creates the stream if it is missing, but never the group. `at`:
   * milliseconds, default now.
   */
  put(group: string, stream: string, message: string, at?: number): void;
}

interface LogsOptions {
  readonly clock: SimulatorClock;
  readonly region?: string;
  readonly accountId?: string;
}

const maxEvents = 10_000;
const maxBytes = 1_048_576;
/** CloudWatch counts 26 bytes per event in addition to its message. */
const eventOverheadBytes = 26;

export function createLogs({
  clock,
  region = "us-east-1",
  accountId = "123456789012",
}: LogsOptions): Logs {
  const groups = new LogGroupStore<LogStreamState>({ clock, region, accountId });
  let eventCount = 0;

  const createGroup = (logGroupName: string): void => {
    if (!groups.has(logGroupName)) groups.create({ logGroupName });
  };
  const put = (groupName: string, streamName: string, message: string, at = clock.now()): void => {
    const group = groups.require(groupName);
    const stream = group.streams.get(streamName) ?? {
      name: streamName,
      createdAt: clock.now(),
      events: [],
    };
    group.streams.set(streamName, stream);
    const eventId = String(++eventCount).padStart(56, "3");
    const index = stream.events.findLastIndex((event) => event.timestamp <= at) + 1;
    stream.events.splice(index, 0, { timestamp: at, ingestionTime: clock.now(), message, eventId });
  };

  const operations = {
    ...logGroupOperations(groups),
    DescribeLogStreams: (input: DescribeLogStreamsRequest) => describeStreams(groups, input),
    GetLogEvents: (input: GetLogEventsRequest) => getEvents(groups, input),
    FilterLogEvents: (input: FilterLogEventsRequest) => filterEvents(groups, input),
  };
  return { service: { operations }, createGroup, hasGroup: (name) => groups.has(name), put };
}

function describeStreams(
  groups: LogGroupStore<LogStreamState>,
  input: DescribeLogStreamsRequest,
): DescribeLogStreamsResponse {
  const group = groups.require(input.logGroupName ?? nameOf(input.logGroupIdentifier));
  const streams = [...group.streams.values()].filter((stream) =>
    stream.name.startsWith(input.logStreamNamePrefix ?? ""),
  );
  const last = (stream: LogStreamState) => stream.events.at(-1)?.timestamp ?? stream.createdAt;
  streams.sort((one, other) =>
    input.orderBy === "LastEventTime" ? last(one) - last(other) : byName(one, other),
  );
  if (input.descending) streams.reverse();
  const logStreams = streams.map(
    (stream): LogStream => ({
      logStreamName: stream.name,
      creationTime: stream.createdAt,
      firstEventTimestamp: stream.events[0]?.timestamp,
      lastEventTimestamp: stream.events.at(-1)?.timestamp,
      lastIngestionTime: stream.events.at(-1)?.ingestionTime,
      uploadSequenceToken: "0",
      arn: `${groups.arnOf(group.name)}:log-stream:${stream.name}`,
      storedBytes: 0,
    }),
  );
  return paged(logStreams, input.limit ?? 50, input.nextToken, (page, nextToken) => ({
    logStreams: page,
    ...nextToken,
  }));
}

/**
 * Tokens are positions in the stream: `f/<first unread>` and `b/<last unread + 1>`. At the end the
 * same forward token is returned, so the reader knows that there is nothing more for now. Without
 * startFromHead the newest events come first.
 */
function getEvents(
  groups: LogGroupStore<LogStreamState>,
  input: GetLogEventsRequest,
): GetLogEventsResponse {
  const group = groups.require(input.logGroupName ?? nameOf(input.logGroupIdentifier));
  const stream = group.streams.get(required(input.logStreamName, "logStreamName"));
  if (!stream)
    throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
  const { events } = stream;
  const [direction, position] =
    readToken(input.nextToken) ?? (input.startFromHead ? ["f", 0] : ["b", events.length]);
  const limit = Math.min(input.limit ?? maxEvents, maxEvents);
  const within = (event: LoggedEvent) =>
    event.timestamp >= (input.startTime ?? 0) && event.timestamp < (input.endTime ?? Infinity);

  const step = direction === "f" ? 1 : -1;
  const chosen: LoggedEvent[] = [];
  let at = direction === "f" ? position : position - 1;
  for (let bytes = 0; chosen.length < limit && at >= 0 && at < events.length; at += step) {
    const event = events[at];
    if (!event || !within(event)) continue;
    bytes += Buffer.byteLength(event.message) + eventOverheadBytes;
    if (bytes > maxBytes && chosen.length > 0) break;
    chosen.push(event);
  }
  const [first, end] = direction === "f" ? [position, at] : [at + 1, position];
  if (direction === "b") chosen.reverse();
  return {
    events: chosen.map(({ timestamp, ingestionTime, message }) => ({
      timestamp,
      ingestionTime,
      message,
    })),
    nextForwardToken: `f/${String(end).padStart(56, "0")}/s`,
    nextBackwardToken: `b/${String(first).padStart(56, "0")}/s`,
  };
}

function filterEvents(
  groups: LogGroupStore<LogStreamState>,
  input: FilterLogEventsRequest,
): FilterLogEventsResponse {
  const group = groups.require(input.logGroupName ?? nameOf(input.logGroupIdentifier));
  const terms = (input.filterPattern ?? "")
    .split(/\s+/)
    .filter(Boolean)
    .map((term) => term.replace(/^"|"$/g, ""));
  const found = [...group.streams.values()]
    .filter(
      (stream) =>
        input.logStreamNames?.includes(stream.name) ??
        stream.name.startsWith(input.logStreamNamePrefix ?? ""),
    )
    .flatMap((stream) => stream.events.map((event) => ({ logStreamName: stream.name, ...event })))
    .filter(
      (event) =>
        event.timestamp >= (input.startTime ?? 0) && event.timestamp <= (input.endTime ?? Infinity),
    )
    .filter((event) => terms.every((term) => event.message.includes(term)))
    .sort((one, other) => one.timestamp - other.timestamp);
  return paged(
    found,
    Math.min(input.limit ?? maxEvents, maxEvents),
    input.nextToken,
    (events, nextToken) => ({
      events,
      searchedLogStreams: [],
      ...nextToken,
    }),
  );
}

function readToken(token: string | undefined): readonly ["f" | "b", number] | undefined {
  if (token === undefined) return undefined;
  const [direction, position] = token.split("/");
  if ((direction !== "f" && direction !== "b") || !Number.isInteger(Number(position))) {
    throw new AwsError("InvalidParameterException", "The specified nextToken is invalid.");
  }
  return [direction, Number(position)];
}

function required(value: string | undefined, member: string): string {
  if (value) return value;
  throw new AwsError(
    "InvalidParameterException",
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member ` +
      "must not be null",
  );
}

/** A group's identifier is its name or its ARN. */
function nameOf(identifier = ""): string {
  return identifier.replace(/^arn:.*:log-group:/, "").replace(/:\*$/, "");
}
