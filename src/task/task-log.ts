// Prints the container's log live. Log lines that are not available cause one notice; they never
// change the task's result.

import { isAccessDenied, isAwsError } from "../aws/aws-errors.ts";
import type { Logs } from "../aws/logs.ts";
import { partitionOf } from "../aws/partitions.ts";
import type { Clock } from "../clock.ts";
import { type LogConfiguration, logConfigurationOf, truncateLog } from "../diagnosis/log-tail.ts";
import type { OneOffTask } from "../ecs/one-off-task.ts";
import { messageOf } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { LogTail } from "../run/diagnosis.ts";
import { withDeadline } from "../timing/deadline.ts";

export interface TaskLog {
  /** Group and stream, as far as they are known. */
  readonly location: () => Pick<LogTail, "logGroup" | "logStream"> | undefined;
  /** Prints the new lines. */
  readonly follow: (task: OneOffTask | undefined) => Promise<void>;
  /** Prints the remaining lines: the last ones arrive some seconds after the container's end. */
  readonly finish: (task: OneOffTask | undefined) => Promise<void>;
  readonly tail: () => LogTail | undefined;
  /** Why lines are missing. */
  readonly unavailableReason: () => string | undefined;
}

interface TaskLogPorts {
  readonly logs: Pick<Logs, "readFrom">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

interface LogSource {
  readonly definition: JsonObject;
  readonly container: string;
  readonly taskId: string;
  /** aws-region: only its logs can be read. */
  readonly region: string;
}

const logReadTimeoutMilliseconds = 5_000;
const logSettleMilliseconds = 2_000;
/** Of 10,000 lines each: more at once would delay the next poll of the task. */
const maxPagesPerRead = 20;
const maxKeptLines = 200;

export function createTaskLog(
  source: LogSource,
  { logs, clock, signal, reporter }: TaskLogPorts,
): TaskLog {
  const configuration = logConfigurationOf(source.definition, source.container);
  let stream = streamOf(configuration, source);
  let token: string | undefined;
  let kept: readonly string[] = [];
  let unavailableReason = logUnreadableReason(configuration, source.region);
  let transientError: unknown;
  let noticed = false;

  const notice = (why: string) => {
    unavailableReason = why;
    const lines = kept.length > 0 ? "No further log lines" : "No log lines";
    if (!noticed) reporter.notice(`${lines} from container "${source.container}": ${why}`);
    noticed = true;
  };

  async function readPage(group: string, name: string): Promise<boolean> {
    const before = token;
    const read = await withDeadline(logReadTimeoutMilliseconds, clock, (signal) =>
      logs.readFrom(group, name, before, { retryForMilliseconds: 0, signal }),
    );
    token = read.token;
    for (const line of read.lines) reporter.info(`  | ${line}`);
    kept = [...kept, ...read.lines].slice(-maxKeptLines);
    return token !== before && read.lines.length > 0;
  }

  async function follow(task: OneOffTask | undefined): Promise<void> {
    // Without a prefix the driver names the stream after the container's runtime id.
    stream ??= task?.containers.find(({ name }) => name === source.container)?.runtimeId;
    if (unavailableReason !== undefined && !noticed) notice(unavailableReason);
    if (unavailableReason !== undefined) return;
    if (configuration.group === undefined || stream === undefined) return;
    try {
      let pages = 0;
      while (pages < maxPagesPerRead && (await readPage(configuration.group, stream))) pages++;
      transientError = undefined;
    } catch (error) {
      signal.throwIfAborted();
      const { region } = source;
      const why = logLossReason(error, configuration.group, { region, seen: token !== undefined });
      if (why === undefined) transientError = error;
      else notice(why);
    }
  }

  return {
    location: () => locationOf(configuration, stream),
    follow,
    async finish(task) {
      await follow(task);
      // If the container has logged before, its last lines arrive soon.
      const tries = () => {
        if (kept.length > 0) return 1;
        return 3;
      };
      for (let done = 0; unavailableReason === undefined && done < tries(); done++) {
        await clock.sleep(logSettleMilliseconds, signal);
        await follow(task);
      }
      if (unavailableReason === undefined && transientError !== undefined) {
        if (kept.length === 0 && isLogMissing(transientError))
          unavailableReason = "it logged nothing";
        else notice(messageOf(transientError));
      }
    },
    tail: () => tailOf(source, { group: configuration.group, stream }, kept),
    unavailableReason: () => unavailableReason,
  };
}

function locationOf(
  { group }: LogConfiguration,
  stream: string | undefined,
): ReturnType<TaskLog["location"]> {
  if (group === undefined || stream === undefined) return undefined;
  return { logGroup: group, logStream: stream };
}

/** undefined: without a prefix the name is unknown until the container runs. */
function streamOf(
  { prefix }: LogConfiguration,
  { container, taskId }: LogSource,
): string | undefined {
  if (prefix === undefined) return undefined;
  return `${prefix}/${container}/${taskId}`;
}

function tailOf(
  { container, taskId }: LogSource,
  {
    group = "",
    stream = "",
  }: { readonly group: string | undefined; readonly stream: string | undefined },
  lines: readonly string[],
): LogTail | undefined {
  if (lines.length === 0) return undefined;
  return { container, taskId, logGroup: group, logStream: stream, lines: truncateLog(lines) };
}

function logUnreadableReason(
  { driver, group, region }: LogConfiguration,
  ownRegion: string,
): string | undefined {
  if (!driver) return "it does not log to CloudWatch (no logConfiguration)";
  if (driver !== "awslogs" || group === undefined)
    return `it does not log to CloudWatch (log driver ${driver})`;
  if (region !== undefined && region !== ownRegion)
    return `it logs to another region (${region}), log group ${group}`;
  return undefined;
}

/** undefined: a later read may succeed, for example when the stream has been created. */
function logLossReason(
  error: unknown,
  group: string,
  { region, seen }: { readonly region: string; readonly seen: boolean },
): string | undefined {
  if (isAccessDenied(error))
    return (
      "this role is not allowed to read it. Allow logs:GetLogEvents on " +
      `arn:${partitionOf(region).name}:logs:${region}:*:log-group:${group}:*`
    );
  if (isLogMissing(error) && seen) return `its stream in log group ${group} was deleted`;
  return undefined;
}

function isLogMissing(error: unknown): boolean {
  return isAwsError(error, "ResourceNotFoundException");
}
