// What the container says, line by line while it says it. Lines that cannot be had cost one notice, and never the verdict.

import { isAccessDenied, isAwsError } from "../aws/aws-errors.ts";
import { within } from "../aws/deadline.ts";
import type { Logs } from "../aws/logs.ts";
import { partitionOf } from "../aws/partitions.ts";
import type { Clock } from "../clock.ts";
import { boundLog, type LogPlace, logPlaceOf } from "../diagnosis/log-tail.ts";
import type { OneOffTask } from "../ecs/one-off-task.ts";
import type { JsonObject } from "../json.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { LogTail } from "../run/diagnosis.ts";

export interface TaskLog {
  /** Group and stream, as far as they are known. */
  readonly place: () => Pick<LogTail, "logGroup" | "logStream"> | undefined;
  /** Tells what is new. */
  readonly follow: (task: OneOffTask | undefined) => Promise<void>;
  /** Tells the rest: the last lines arrive some seconds after the container's end. */
  readonly finish: (task: OneOffTask | undefined) => Promise<void>;
  readonly tail: () => LogTail | undefined;
  /** Why there are no lines, or not all. */
  readonly lost: () => string | undefined;
}

export interface TaskLogPorts {
  readonly logs: Pick<Logs, "readFrom">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

export interface LoggingContainer {
  readonly definition: JsonObject;
  readonly container: string;
  readonly taskId: string;
  /** Ours: only its logs can be read. */
  readonly region: string;
}

const lookMilliseconds = 5_000;
const settleMilliseconds = 2_000;
/** Of 10,000 lines each: more at once would keep us from looking at the task. */
const mostPages = 20;
const linesKept = 200;

export function createTaskLog(
  of: LoggingContainer,
  { logs, clock, signal, reporter }: TaskLogPorts,
): TaskLog {
  const place = logPlaceOf(of.definition, of.container);
  let stream =
    place.prefix === undefined ? undefined : `${place.prefix}/${of.container}/${of.taskId}`;
  let token: string | undefined;
  let kept: readonly string[] = [];
  let lost = unreadable(place, of.region);
  let passing: unknown;
  let noticed = false;

  const notice = (why: string) => {
    lost = why;
    if (!noticed)
      reporter.notice(`The log of container "${of.container}" is not shown (further): ${why}`);
    noticed = true;
  };

  async function page(group: string, name: string): Promise<boolean> {
    const before = token;
    const read = await within(lookMilliseconds, clock, (options) =>
      logs.readFrom(group, name, before, { ...options, retryForMilliseconds: 0 }),
    );
    token = read.token;
    for (const line of read.lines) reporter.info(`  | ${line}`);
    kept = [...kept, ...read.lines].slice(-linesKept);
    return token !== before && read.lines.length > 0;
  }

  async function follow(task: OneOffTask | undefined): Promise<void> {
    // Without a prefix the driver names the stream after the container's runtime id.
    stream ??= task?.containers.find(({ name }) => name === of.container)?.runtimeId;
    if (lost !== undefined) return noticed ? undefined : notice(lost);
    if (place.group === undefined || stream === undefined) return;
    try {
      for (let pages = 0; pages < mostPages && (await page(place.group, stream)); pages++);
      passing = undefined;
    } catch (error) {
      signal.throwIfAborted();
      const why = whyLost(error, place.group, { region: of.region, seen: token !== undefined });
      if (why === undefined) passing = error;
      else notice(why);
    }
  }

  return {
    place: () =>
      place.group === undefined || stream === undefined
        ? undefined
        : { logGroup: place.group, logStream: stream },
    follow,
    async finish(task) {
      await follow(task);
      for (let tries = 0; lost === undefined && tries < (kept.length > 0 ? 1 : 3); tries++) {
        await clock.sleep(settleMilliseconds, signal);
        await follow(task);
      }
      if (lost === undefined && passing !== undefined) {
        if (kept.length === 0 && isMissing(passing)) lost = "it wrote nothing";
        else notice(messageOf(passing));
      }
    },
    tail: () => tailOf(of, { group: place.group, stream }, kept),
    lost: () => lost,
  };
}

function tailOf(
  { container, taskId }: LoggingContainer,
  {
    group = "",
    stream = "",
  }: { readonly group: string | undefined; readonly stream: string | undefined },
  lines: readonly string[],
): LogTail | undefined {
  if (lines.length === 0) return undefined;
  return { container, taskId, logGroup: group, logStream: stream, lines: boundLog(lines) };
}

function unreadable({ driver, group, region }: LogPlace, ours: string): string | undefined {
  if (driver !== "awslogs" || group === undefined)
    return `it does not log to CloudWatch (${driver === undefined ? "no logConfiguration" : `log driver ${driver}`})`;
  if (region !== undefined && region !== ours)
    return `it logs to another region (${region}), log group ${group}`;
  return undefined;
}

/** undefined: it may be otherwise at the next look. A stream that is not there yet will come. */
function whyLost(
  error: unknown,
  group: string,
  { region, seen }: { readonly region: string; readonly seen: boolean },
): string | undefined {
  if (isAccessDenied(error))
    return `this role may not read it. Allow logs:GetLogEvents on arn:${partitionOf(region).name}:logs:${region}:*:log-group:${group}:*`;
  if (isMissing(error) && seen) return `its stream in log group ${group} is gone`;
  return undefined;
}

function isMissing(error: unknown): boolean {
  return isAwsError(error, "ResourceNotFoundException");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
