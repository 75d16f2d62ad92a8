// The last log lines of the container that failed, found with the log configuration of the failed
// revision, not of the running one.

import { isAccessDenied, isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { Logs } from "../aws/logs.ts";
import { partitionOf } from "../aws/partitions.ts";
import { messageOf } from "../errors.ts";
import { isJsonObject, type JsonObject, objectOf, objectsOf, stringOf } from "../json.ts";
import type { LogTail } from "../run/diagnosis.ts";
import { sanitizeLine } from "../text/sanitize.ts";
import type { FailedContainer } from "./failed-container.ts";

/** The lines, or why there are none (a sentence), or why they could not be read. */
type LogTailResult =
  | { readonly tail: LogTail }
  | { readonly none: string }
  | { readonly missing: string };

export interface LogConfiguration {
  readonly driver?: string | undefined;
  readonly group?: string | undefined;
  readonly prefix?: string | undefined;
  readonly region?: string | undefined;
}

const maxLogLines = 50;
const maxLogBytes = 8 * 1024;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
export function logConfigurationOf(definition: JsonObject, container: string): LogConfiguration {
  const defined = objectsOf(definition.containerDefinitions).find(({ name }) => name === container);
  const configuration = defined?.logConfiguration;
  if (!isJsonObject(configuration)) return {};
  const driver = stringOf(configuration.logDriver);
  const options = objectOf(configuration.options);
  const group = stringOf(options["awslogs-group"]);
  const prefix = stringOf(options["awslogs-stream-prefix"]);
  const region = stringOf(options["awslogs-region"]);
  return {
    driver,
    group,
    prefix,
    region,
  };
}

/** @param region of this run: a log in another region is only named, not read */
export async function readLogTail(
  { task, container }: FailedContainer,
  { definition, region }: { readonly definition: JsonObject; readonly region: string },
  logs: Pick<Logs, "readTail">,
  options: CallOptions,
): Promise<LogTailResult> {
  const log = logConfigurationOf(definition, container.name);
  const label = `last log lines of container "${container.name}"`;
  if (log.driver !== "awslogs" || log.group === undefined) {
    const driver = log.driver === undefined ? "no logConfiguration" : `log driver ${log.driver}`;
    return {
      none: `No log of container "${container.name}" to show: it does not log to CloudWatch (${driver}).`,
    };
  }
  // Without a prefix the driver names the stream after the container's runtime id.
  const logStream =
    log.prefix === undefined ? container.runtimeId : `${log.prefix}/${container.name}/${task.id}`;
  if (logStream === undefined)
    return {
      missing: `${label}: its log stream is unknown, because awslogs-stream-prefix is not set`,
    };
  if (log.region !== undefined && log.region !== region)
    return {
      missing:
        `${label}: they are in another region (${log.region}), log group ${log.group}, stream ` +
        `${logStream}`,
    };
  try {
    const lines = truncateLog(await logs.readTail(log.group, logStream, maxLogLines, options));
    if (lines.length === 0) return { none: describeEmptyLog(container.name, log.group, logStream) };
    return {
      tail: { container: container.name, taskId: task.id, logGroup: log.group, logStream, lines },
    };
  } catch (error) {
    // The stream is created with the first line.
    if (isAwsError(error, "ResourceNotFoundException") && !/log group/i.test(messageOf(error)))
      return { none: describeEmptyLog(container.name, log.group, logStream) };
    return { missing: `${label}: ${logReadError(error, region, log.group)}` };
  }
}

function describeEmptyLog(container: string, group: string, stream: string): string {
  return (
    `No log output from container "${container}" (log group ${group}, stream ${stream}). Check ` +
    "its command, and that it logs to stdout."
  );
}

function logReadError(error: unknown, region: string, group: string): string {
  if (isAccessDenied(error))
    return (
      "this role may not read them. Allow logs:GetLogEvents on " +
      `arn:${partitionOf(region).name}:logs:${region}:*:log-group:${group}:* to the role that ` +
      "this step uses"
    );
  if (isAwsError(error, "ResourceNotFoundException")) return `log group ${group} does not exist`;
  return messageOf(error);
}

/**
 * At most 50 lines and 8 KiB, the newest; no control characters, and nothing that the runner would
 * read as a workflow command.
 */
export function truncateLog(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let bytesLeft = maxLogBytes;
  for (const line of lines.slice(-maxLogLines).toReversed()) {
    const sanitized = sanitizeLine(line);
    const bytes = Buffer.byteLength(sanitized) + 1;
    if (bytes > bytesLeft) {
      // One very long line must not hide all: its beginning says more than its end.
      if (kept.length === 0)
        kept.unshift(
          `${Buffer.from(sanitized)
            .subarray(0, bytesLeft - 4)
            .toString()
            .replace(/\ufffd$/, "")}…`,
        );
      break;
    }
    bytesLeft -= bytes;
    kept.unshift(sanitized);
  }
  return kept;
}
