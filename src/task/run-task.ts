// Runs one task outside of any service: starts it once, prints its log live, and takes the exit
// code of one container as the result.

import { consoleHost } from "../aws/partitions.ts";
import type { AwsSession } from "../aws/session.ts";
import type { Clock } from "../clock.ts";
import { definedContainersOf } from "../diagnosis/evidence.ts";
import { resourceId, shortRevision } from "../ecs/arn.ts";
import { asDeployError, DeployError } from "../errors.ts";
import { chooseTaskContainer, planTaskRun, type TaskMoment } from "../plan/service/task.ts";
import type { HeartbeatReporter } from "../reporter/heartbeat.ts";
import type { OutputName } from "../reporter/outputs.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { TaskRun } from "../run/state.ts";
import type { InProgressTask, PostStateWriter } from "../runtime/runtime.ts";
import { type ConsoleLocation, logStreamUrl, taskUrl } from "../text/console-links.ts";
import { formatDuration } from "../text/format.ts";
import { clientTokenOf, startedByOf } from "./idempotency-token.ts";
import { startTask } from "./start-task.ts";
import { createTaskLog, type TaskLog } from "./task-log.ts";
import { taskProblemOf } from "./task-problem.ts";
import {
  type StartedTask,
  stopCommand,
  type TaskRequest,
  taskNameOf,
  withServicesState,
} from "./task-request.ts";
import { type TaskEnd, watchTask } from "./watch-task.ts";

export interface RunTaskPorts {
  readonly aws: Pick<AwsSession, "ecs" | "logs" | "ecsAfterCancel">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly reporter: HeartbeatReporter;
  readonly postState: Pick<PostStateWriter, "taskInProgress" | "taskEnded">;
}

const arnOutputs: Readonly<Partial<Record<TaskMoment, OutputName>>> = {
  "pre-deploy": "pre-deploy-task-arn",
  "one-off": "task-arn",
};

/**
 * @param record called before the task is started: a task that fails is in the summary, too
 * @throws DeployError unless the command succeeds
 */
export async function runTask(
  request: TaskRequest,
  ports: RunTaskPorts,
  record: (entry: TaskRun) => void,
): Promise<void> {
  const { aws, clock, reporter, environment, postState } = ports;
  const { place, taskDefinitionArn, command, moment } = request;
  const { definition } = await aws.ecs.describeTaskDefinition(taskDefinitionArn);
  const container = chooseTaskContainer(definition, request);
  const { clusterArn, clusterName: cluster } = place;
  const identity = { moment, clusterArn, taskDefinitionArn, container, command };
  const startedAt = clock.now();
  const input = planTaskRun({
    ...request,
    container,
    clientToken: clientTokenOf(identity, environment, startedAt),
    startedBy: startedByOf(environment),
  });
  const entry: TaskRun = {
    moment,
    container,
    command,
    cluster,
    startedAt,
    endedAt: startedAt,
  };
  record(entry);
  const shownCommand = command.join(" ") || "the command of its task definition or image";
  reporter.info(`${shortRevision(taskDefinitionArn)}, container ${container}: ${shownCommand}`);
  const inProgress = { moment, cluster, service: request.service };
  try {
    const start = () => startTask(request, input, aws.ecs);
    const arn = await startWithPostState(inProgress, start, postState);
    entry.taskArn = arn;
    const output = arnOutputs[moment];
    if (output !== undefined) reporter.output(output, arn);
    const id = resourceId(arn);
    const started = { arn, id, cluster, container, startedAt };
    const log = createTaskLog(
      { definition, container, taskId: started.id, region: request.region },
      { ...ports, logs: aws.logs },
    );
    reportTaskStarted(started, log, request, reporter);
    const end = await watchStartedTask(started, log, { request, entry }, ports);
    if (end.kind === "exited" || end.kind === "without-exit-code") postState.taskEnded(inProgress);
    const problem = taskProblemOf(end, {
      request,
      started,
      containers: definedContainersOf(definition),
      lines: entry.logTail?.lines ?? [],
      logUnavailable: log.unavailableReason(),
      taskUrl: taskUrl({ ...consoleOf(request), cluster }, id),
    });
    if (problem) throw problem;
    entry.succeeded = true;
    reporter.info(
      `${taskNameOf(request)} ended with exit code 0 after ` +
        `${formatDuration(clock.now() - startedAt)}.`,
    );
  } finally {
    entry.endedAt = clock.now();
  }
}

/**
 * From the RunTask call on the task may run even if this process ends, unless ECS refuses to start
 * it.
 */
async function startWithPostState(
  place: Pick<InProgressTask, "moment" | "cluster" | "service">,
  start: () => Promise<string>,
  handOver: RunTaskPorts["postState"],
): Promise<string> {
  handOver.taskInProgress(place);
  try {
    const arn = await start();
    handOver.taskInProgress({ ...place, arn });
    return arn;
  } catch (error) {
    const mayRun = ["AwsUnavailable", "Cancelled", "Bug"].includes(asDeployError(error).code);
    if (!mayRun) handOver.taskEnded(place);
    throw error;
  }
}

/**
 * Printed at once: ECS forgets a stopped task after an hour, and these are needed to read the log
 * of a migration that hangs.
 */
function reportTaskStarted(
  started: StartedTask,
  log: TaskLog,
  request: TaskRequest,
  reporter: Reporter,
): void {
  const console = consoleOf(request);
  const url = taskUrl({ ...console, cluster: started.cluster }, started.id);
  reporter.info(`task ${started.arn}`);
  if (url !== undefined) reporter.info(`console ${url}`);
  const place = log.location();
  if (!place) return;
  const stream = logStreamUrl(console, place.logGroup, place.logStream) ?? "";
  reporter.info(`log group ${place.logGroup}, stream ${place.logStream}  ${stream}`.trimEnd());
}

function consoleOf({ region }: Pick<TaskRequest, "region">): ConsoleLocation {
  return { region, console: consoleHost(region) };
}

interface TaskWatch {
  readonly request: TaskRequest;
  readonly entry: TaskRun;
}

async function watchStartedTask(
  started: StartedTask,
  log: TaskLog,
  { request, entry }: TaskWatch,
  ports: RunTaskPorts,
): Promise<TaskEnd> {
  try {
    const end = await watchTask(started, request.minutes, {
      ...ports,
      ecs: ports.aws.ecs,
      log,
    });
    if (end.kind === "exited") entry.exitCode = end.exitCode;
    return end;
  } catch (error) {
    throw await interruptedTask(asDeployError(error), started, request, ports);
  } finally {
    const tail = log.tail();
    if (tail) entry.logTail = tail;
  }
}

/**
 * The watch has ended: the run was cancelled, or AWS is unreachable. The task keeps running, unless
 * on-cancel says that it is stopped.
 */
async function interruptedTask(
  error: DeployError,
  started: StartedTask,
  request: TaskRequest,
  { aws }: RunTaskPorts,
): Promise<DeployError> {
  const cancelled = error.code === "Cancelled";
  const stop = cancelled && request.stopOnCancel;
  const stopError = stop ? await stopAfterCancel(started, aws.ecsAfterCancel) : undefined;
  const stopped = stop && stopError === undefined;
  const outcomeText = stopped
    ? "ECS was asked to stop it (on-cancel): its work may be half done."
    : describeRunning(stopError);
  const hint = [
    stopped
      ? ""
      : `Do not run the job again before it has ended. To stop it:\n${stopCommand(started)}`,
    cancelled ? "" : (error.hint ?? ""),
  ];
  return new DeployError(
    {
      code: error.code,
      message: withServicesState(
        `${error.message}\n${taskNameOf(request)} was running: ${started.arn}\n${outcomeText}`,
        request,
        " ",
      ),
      hint:
        hint.filter(Boolean).join("\n") ||
        "Check what it has already changed before you run the job again.",
    },
    { cause: error },
  );
}

function describeRunning(stopError: string | undefined): string {
  const reason = stopError === undefined ? "" : `, because it could not be stopped: ${stopError}`;
  return `It keeps running in ECS, unwatched${reason}.`;
}

/** Within the few seconds that the runner allows after a cancel. */
async function stopAfterCancel(
  { cluster, arn }: StartedTask,
  ecs: Pick<AwsSession["ecs"], "stopTask">,
): Promise<string | undefined> {
  try {
    await ecs.stopTask(cluster, arn, "The workflow run was cancelled (on-cancel).", {
      retryForMilliseconds: 2_000,
    });
    return undefined;
  } catch (error) {
    return asDeployError(error).message;
  }
}
