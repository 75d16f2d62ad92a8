// Watches one task until it ends or takes too long: prints its status and its container's log.

import { callWithTimeout, timeLeft } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import { type Clock, jitter } from "../clock.ts";
import type { OneOffTask } from "../ecs/one-off-task.ts";
import { asDeployError, DeployError } from "../errors.ts";
import type { HeartbeatReporter } from "../reporter/heartbeat.ts";
import { formatElapsed } from "../text/format.ts";
import { pollUntil } from "../timing/poll.ts";
import type { TaskLog } from "./task-log.ts";
import { type StartedTask, stopCommand } from "./task-request.ts";

export type TaskEnd =
  /** The container ended by itself or was stopped; it has an exit code. */
  | { readonly kind: "exited"; readonly exitCode: number; readonly task: OneOffTask }
  /** The task has stopped, and the container has no exit code. */
  | { readonly kind: "without-exit-code"; readonly task: OneOffTask }
  | {
      readonly kind: "timed-out";
      /** The last one that ECS reported. */
      readonly status: string;
      /** Why it could not be described at the end. */
      readonly readFailure?: string;
    }
  /** ECS does not know the task (any more). */
  | { readonly kind: "unknown" };

interface TaskWatchPorts {
  readonly ecs: Pick<Ecs, "describeTask" | "stopTask">;
  readonly log: TaskLog;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly reporter: HeartbeatReporter;
}

/**
 * ECS may not know a task for some seconds after its start:
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 */
const maxMissingMilliseconds = 120_000;
const maxTaskOutageMilliseconds = 5 * 60_000;
/**
 * When an essential container ends, ECS stops its task at once; after this time, ours was not
 * essential, and the others keep running.
 */
const sidecarGraceMilliseconds = 15_000;

export async function watchTask(
  started: StartedTask,
  minutes: number,
  ports: TaskWatchPorts,
): Promise<TaskEnd> {
  const { log, clock, signal, random } = ports;
  const deadline = started.startedAt + minutes * 60_000;
  const reportStatus = createStatusReporter(started, ports);
  let seenAt = started.startedAt;
  let status = "in an unknown state";
  let endedAt: number | undefined;
  let hasEnded = false;
  const readEnd = async (): Promise<TaskEnd | undefined> => {
    const read = await readTask(started, deadline, ports);
    const now = clock.now();
    if (read instanceof DeployError)
      return { kind: "timed-out", status, readFailure: read.message };
    const { task } = read;
    if (task) {
      seenAt = now;
      status = task.lastStatus;
    }
    reportStatus(status);
    const end = task && taskEndOf(task, started.container);
    if (end) endedAt ??= now;
    const isOver =
      end && (task.lastStatus === "STOPPED" || now - (endedAt ?? now) >= sidecarGraceMilliseconds);
    if (isOver) {
      await log.finish(task);
      if (task.desiredStatus === "RUNNING") await stopSidecars(started, ports);
      return end;
    }
    await log.follow(task);
    if (!task && now - seenAt >= maxMissingMilliseconds) return { kind: "unknown" };
    if (!end && now >= deadline) return { kind: "timed-out", status };
    hasEnded = end !== undefined;
    return undefined;
  };
  const pause = () =>
    Math.min(
      taskPollMilliseconds(clock.now() - started.startedAt, random()),
      hasEnded ? 2_000 : deadline - clock.now(),
    );
  return pollUntil(readEnd, pause, { clock, signal });
}

/** An outage of AWS is waited for, but not beyond the deadline: then the watch ends. */
async function readTask(
  { cluster, arn }: StartedTask,
  deadline: number,
  { ecs, clock }: TaskWatchPorts,
): Promise<{ readonly task: OneOffTask | undefined } | DeployError> {
  try {
    const milliseconds = timeLeft(clock, deadline, maxTaskOutageMilliseconds);
    return {
      task: await callWithTimeout(milliseconds, clock, (options) =>
        ecs.describeTask(cluster, arn, options),
      ),
    };
  } catch (error) {
    if (error instanceof DeployError && error.code === "AwsUnavailable" && clock.now() >= deadline)
      return error;
    throw error;
  }
}

/** undefined: the container has not ended. */
function taskEndOf(
  task: OneOffTask,
  container: string,
): Extract<TaskEnd, { readonly task: OneOffTask }> | undefined {
  const exitCode = task.containers.find(({ name }) => name === container)?.exitCode;
  if (exitCode !== undefined) return { kind: "exited", exitCode, task };
  if (task.lastStatus === "STOPPED") return { kind: "without-exit-code", task };
  return undefined;
}

/**
 * Every two seconds at first, every five after five minutes; with jitter, so that jobs do not poll
 * in step.
 */
function taskPollMilliseconds(elapsedMilliseconds: number, random: number): number {
  return jitter(elapsedMilliseconds < 5 * 60_000 ? 2_000 : 5_000, random);
}

/** A line for what changed, and when nothing else was reported for a minute. */
function createStatusReporter(
  { startedAt }: StartedTask,
  { clock, reporter }: TaskWatchPorts,
): (status: string) => void {
  let lastReported = "";
  return (status) => {
    const describe = () => `${formatElapsed(clock.now() - startedAt).padStart(5)}  task ${status}`;
    if (status !== lastReported) reporter.info(describe());
    lastReported = status;
    reporter.polled(describe);
  };
}

/**
 * The command has finished, so nothing is cut short: the remaining containers would run forever.
 */
async function stopSidecars(
  started: StartedTask,
  { ecs, reporter }: TaskWatchPorts,
): Promise<void> {
  try {
    await ecs.stopTask(
      started.cluster,
      started.arn,
      "The command has finished; the other containers are not needed.",
    );
    reporter.info(
      "The command has finished and other containers were still running: stopped the task.",
    );
  } catch (error) {
    reporter.notice(
      "The command has finished, but other containers of its task are still running, and the " +
        `task could not be stopped: ${asDeployError(error).message}\nStop ` +
        `it:\n${stopCommand(started)}`,
    );
  }
}
