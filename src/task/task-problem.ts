// What the end of a task means, PURE: the exit code of the named container decides, the table of
// known causes explains.

import type { DefinedContainer } from "../diagnosis/failure-candidates.ts";
import { rankCauses, stopReasonOf, taskFailuresOf } from "../diagnosis/failures.ts";
import { causeSentence, findCause, remedyText } from "../diagnosis/match-cause.ts";
import { plainText, type Symptom } from "../diagnosis/symptom.ts";
import type { OneOffTask } from "../ecs/one-off-task.ts";
import { DeployError } from "../errors.ts";
import {
  type StartedTask,
  stopCommand,
  type TaskRequest,
  taskNameOf,
  withServicesState,
} from "./task-request.ts";
import type { TaskEnd } from "./watch-task.ts";

export interface TaskContext {
  readonly request: TaskRequest;
  readonly started: StartedTask;
  readonly containers: readonly DefinedContainer[];
  /** The last log lines, oldest first. */
  readonly lines: readonly string[];
  /** Why there are no lines. */
  readonly logUnavailable: string | undefined;
  /** undefined: the console of this partition is unknown. */
  readonly taskUrl: string | undefined;
}

interface TaskExplanation {
  readonly cause: string;
  readonly remedy: string | undefined;
}

/** undefined: the command succeeded. */
export function taskProblemOf(end: TaskEnd, context: TaskContext): DeployError | undefined {
  const { request, started } = context;
  const name = taskNameOf(request);
  switch (end.kind) {
    case "exited":
      if (end.exitCode === 0 && endedByItself(end.task)) return undefined;
      return taskError(describeExit(name, end.exitCode), explainExit(end, context), context);
    case "without-exit-code":
      return withoutExitCodeError(name, end.task, context);
    case "unknown":
      return taskError(
        `${name} does not exist in ECS (any more), so it is unknown how it ended. This counts ` +
          "as a failure.",
        { cause: `It was started as ${started.arn}.`, remedy: undefined },
        context,
      );
    case "timed-out":
      return new DeployError({
        code: "TaskTimedOut",
        message: withServicesState(
          `${name} did not finish within ${request.minutes} min. ${describeTimedOut(end)}, ` +
            `because stopping it could leave its work half done: ${started.arn}`,
          request,
        ),
        hint: timedOutHint(context),
      });
  }
}

function describeExit(name: string, exitCode: number): string {
  if (exitCode !== 0) return `${name} failed with exit code ${exitCode}.`;
  return `${name} was stopped and exited with code 0, so ${unknownResult}`;
}

const unknownResult = "it is unknown whether the command finished. This counts as a failure.";

function withoutExitCodeError(name: string, task: OneOffTask, context: TaskContext): DeployError {
  const explanation = explainTask(task, context);
  if (!task.reachedRunning)
    return taskError(`${name} never started.`, explanation, context, "TaskNotStarted");
  return taskError(`${name} has no exit code, so ${unknownResult}`, explanation, context);
}

function describeTimedOut({
  status,
  readFailure,
}: Extract<TaskEnd, { readonly kind: "timed-out" }>): string {
  if (readFailure === undefined) return `It is ${status} and was not stopped`;
  return (
    `It was last reported ${status}; since then AWS has not answered (${readFailure}). It was ` +
    "not stopped"
  );
}

function timedOutHint({ request, started, taskUrl }: TaskContext): string {
  const console = taskUrl === undefined ? "" : `\nThe task in the console: ${taskUrl}`;
  return (
    "Do not run the job again before it has ended: two tasks would run at the same time. Raise " +
    `\`${request.minutesInput}\`, or stop the task:\n${stopCommand(started)}${console}`
  );
}

/** A program that is asked to stop may exit with 0 although its work is half done. */
function endedByItself({ stopCode }: OneOffTask): boolean {
  return stopCode === "" || stopCode === "EssentialContainerExited";
}

function taskError(
  summary: string,
  { cause, remedy }: TaskExplanation,
  { request, taskUrl }: TaskContext,
  code: "TaskFailed" | "TaskNotStarted" = "TaskFailed",
): DeployError {
  return new DeployError({
    code,
    message: withServicesState(`${summary}\n${cause}`, request),
    hint: [remedy, taskUrl && `The task in the console, for about an hour: ${taskUrl}`]
      .filter(Boolean)
      .join("\n"),
  });
}

/** Only the named container counts: the others end because it ended, or do not matter here. */
function explainExit(
  { exitCode, task }: TaskEnd & { readonly kind: "exited" },
  context: TaskContext,
): TaskExplanation {
  const { started, containers, lines, logUnavailable } = context;
  const ownContainer = task.containers.find(({ name }) => name === started.container);
  const defined = containers.find(({ name }) => name === started.container);
  const symptom: Symptom = {
    text: [task.stoppedReason, ownContainer?.reason].filter(Boolean).join(" "),
    stopCode: task.stopCode || "EssentialContainerExited",
    exitCode,
    container: started.container,
    log: lines.join("\n"),
    image: defined?.image,
    logGroup: defined?.logGroup,
  };
  const known = exitCode === 0 && task.stopCode === "" ? undefined : findCause(symptom);
  if (!known) return { cause: `ECS reported: ${plainText(stopReasonOf(task))}`, remedy: undefined };
  const logStatus =
    logUnavailable === undefined
      ? undefined
      : { reason: `No log lines are available: ${logUnavailable}.` };
  return {
    cause: causeSentence(known, symptom),
    remedy: remedyText(known, symptom, lines.length > 0 ? "shown" : logStatus),
  };
}

function explainTask(task: OneOffTask, { containers }: TaskContext): TaskExplanation {
  const [group] = rankCauses(taskFailuresOf([task], containers));
  const symptom = group?.failures[0]?.symptom;
  if (!group || !symptom)
    return { cause: `ECS reported: ${plainText(stopReasonOf(task))}`, remedy: undefined };
  return {
    cause: causeSentence(group.cause, symptom),
    remedy: remedyText(group.cause, symptom, undefined),
  };
}
