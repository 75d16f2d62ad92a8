// The last log lines of the container that failed: found through the log configuration of the revision that failed, not of the one that runs now.

import { isAccessDenied, isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { Logs } from "../aws/logs.ts";
import { partitionOf } from "../aws/partitions.ts";
import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../json.ts";
import type { LogTail } from "../run/diagnosis.ts";
import { harmlessLine } from "../text/sanitize.ts";
import type { Speaker } from "./failed-container.ts";

/** The lines, or why there are none to read (a sentence), or why they could not be read. */
export type LastWords =
  | { readonly tail: LogTail }
  | { readonly none: string }
  | { readonly missing: string };

export interface LogPlace {
  readonly driver?: string;
  readonly group?: string;
  readonly prefix?: string;
  readonly region?: string;
}

const mostLines = 50;
const mostBytes = 8 * 1024;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
export function logPlaceOf(definition: JsonObject, container: string): LogPlace {
  const defined = objectsOf(definition.containerDefinitions).find(({ name }) => name === container);
  const configuration = defined?.logConfiguration;
  if (!isJsonObject(configuration)) return {};
  const driver = stringOf(configuration.logDriver);
  const options = isJsonObject(configuration.options) ? configuration.options : {};
  const group = stringOf(options["awslogs-group"]);
  const prefix = stringOf(options["awslogs-stream-prefix"]);
  const region = stringOf(options["awslogs-region"]);
  return {
    ...(driver !== undefined && { driver }),
    ...(group !== undefined && { group }),
    ...(prefix !== undefined && { prefix }),
    ...(region !== undefined && { region }),
  };
}

/** @param region ours: logs of another one are named, not asked for in the wrong place */
export async function readLastWords(
  { task, container }: Speaker,
  { definition, region }: { readonly definition: JsonObject; readonly region: string },
  logs: Pick<Logs, "readTail">,
  options: CallOptions,
): Promise<LastWords> {
  const place = logPlaceOf(definition, container.name);
  const who = `last words of container "${container.name}"`;
  if (place.driver !== "awslogs" || place.group === undefined)
    return {
      none: `No log of container "${container.name}" to show: it does not log to CloudWatch (${place.driver === undefined ? "no logConfiguration" : `log driver ${place.driver}`}).`,
    };
  // Without a prefix the driver names the stream after the container's runtime id.
  const logStream =
    place.prefix === undefined
      ? container.runtimeId
      : `${place.prefix}/${container.name}/${task.id}`;
  if (logStream === undefined)
    return {
      missing: `${who}: its log stream cannot be told, for awslogs-stream-prefix is not set`,
    };
  if (place.region !== undefined && place.region !== region)
    return {
      missing: `${who}: they are in another region (${place.region}), log group ${place.group}, stream ${logStream}`,
    };
  try {
    const lines = boundLog(await logs.readTail(place.group, logStream, mostLines, options));
    if (lines.length === 0) return { none: emptyLog(container.name, place.group, logStream) };
    return {
      tail: { container: container.name, taskId: task.id, logGroup: place.group, logStream, lines },
    };
  } catch (error) {
    // The stream is made with the first line.
    if (isAwsError(error, "ResourceNotFoundException") && !/log group/i.test(messageOf(error)))
      return { none: emptyLog(container.name, place.group, logStream) };
    return { missing: `${who}: ${whyUnread(error, region, place.group)}` };
  }
}

function emptyLog(container: string, group: string, stream: string): string {
  return `Container "${container}" logged nothing (log group ${group}, stream ${stream}): check its command, and that it writes to stdout or stderr.`;
}

function whyUnread(error: unknown, region: string, group: string): string {
  if (isAccessDenied(error))
    return `this role may not read them. Allow logs:GetLogEvents on arn:${partitionOf(region).name}:logs:${region}:*:log-group:${group}:* to the role that this step uses`;
  if (isAwsError(error, "ResourceNotFoundException")) return `log group ${group} does not exist`;
  return messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** At most 50 lines and 8 KiB, the newest; no control characters, and nothing that the runner would take for a command of ours. */
export function boundLog(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let room = mostBytes;
  for (const line of lines.slice(-mostLines).toReversed()) {
    const harmless = harmlessLine(line);
    const bytes = Buffer.byteLength(harmless) + 1;
    if (bytes > room) {
      // One endless line must not hide all: its beginning says more than its end.
      if (kept.length === 0)
        kept.unshift(
          `${Buffer.from(harmless)
            .subarray(0, room - 4)
            .toString()
            .replace(/\ufffd$/, "")}…`,
        );
      break;
    }
    room -= bytes;
    kept.unshift(harmless);
  }
  return kept;
}
