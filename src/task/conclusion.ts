// What the end of a task means, PURE: judged by the exit code of the named container, explained by the table of known causes.

import type { DefinedContainer } from "../diagnosis/blame.ts";
import { failuresOf, rankCauses, reasonOf } from "../diagnosis/failures.ts";
import {
  causeSentence,
  findCause,
  nextStep,
  plainText,
  type Sign,
} from "../diagnosis/match-cause.ts";
import type { OneOffTask } from "../ecs/one-off-task.ts";
import { DeployError } from "../errors.ts";
import { nameOf, type StartedTask, stopCommand, type TaskJob } from "./task-request.ts";
import type { TaskEnd } from "./watch.ts";

export interface TaskStory {
  readonly job: TaskJob;
  readonly started: StartedTask;
  readonly minutes: number;
  readonly containers: readonly DefinedContainer[];
  /** The last lines, oldest first. */
  readonly lines: readonly string[];
  /** Why there are no lines. */
  readonly unheard: string | undefined;
  /** undefined: the console of this partition is not known. */
  readonly taskUrl: string | undefined;
}

interface Explanation {
  readonly cause: string;
  readonly next?: string;
}

/** undefined: the command ended well. */
export function problemOf(end: TaskEnd, story: TaskStory): DeployError | undefined {
  const { job, started, minutes } = story;
  const name = nameOf(job);
  switch (end.kind) {
    case "exited":
      if (end.exitCode === 0 && endedByItself(end.task)) return undefined;
      return failed(
        end.exitCode === 0
          ? `${name} was stopped from outside and ended with exit code 0, so whether the command came to its end is not known. That counts as a failure.`
          : `${name} failed with exit code ${end.exitCode}.`,
        explainExit(end, story),
        story,
      );
    case "without-exit-code":
      return end.task.ran
        ? failed(
            `${name} has no exit code, so whether the command came to its end is not known. That counts as a failure.`,
            explainTask(end.task, story),
            story,
          )
        : failed(`${name} never started.`, explainTask(end.task, story), story, "TaskNotStarted");
    case "unknown":
      return failed(
        `${name} is not known to ECS (any more), so how it ended is not known. That counts as a failure.`,
        { cause: `It was started as ${started.arn}.` },
        story,
      );
    case "timed-out":
      return new DeployError({
        code: "TaskTimedOut",
        message: `${name} did not end within ${minutes} min. ${standOf(end)}, for stopping it could leave its work half done: ${started.arn}\n${job.standing}`,
        hint: `Do not run the job again before it has ended: two would run at once. Raise \`pre-deploy-timeout-minutes\`, or stop it:\n${stopCommand(started)}${story.taskUrl ? `\nLook at it: ${story.taskUrl}` : ""}`,
      });
  }
}

function standOf({ status, unread }: Extract<TaskEnd, { readonly kind: "timed-out" }>): string {
  if (unread === undefined) return `It is ${status} and was left so`;
  return `It was last seen ${status}; since then AWS has not answered (${unread}). It was left as it is`;
}

/** Asked to stop, a program may end with 0 all the same, its work half done. */
function endedByItself({ stopCode }: OneOffTask): boolean {
  return stopCode === "" || stopCode === "EssentialContainerExited";
}

function failed(
  what: string,
  { cause, next }: Explanation,
  { job, taskUrl }: TaskStory,
  code: "TaskFailed" | "TaskNotStarted" = "TaskFailed",
): DeployError {
  return new DeployError({
    code,
    message: [what, cause, job.standing].join("\n"),
    hint: [next, taskUrl && `The task in the console, for about an hour: ${taskUrl}`]
      .filter(Boolean)
      .join("\n"),
  });
}

/** Only the named container counts: what became of the others follows from its end, or is no matter of ours. */
function explainExit(
  { exitCode, task }: TaskEnd & { readonly kind: "exited" },
  story: TaskStory,
): Explanation {
  const { started, containers, lines, unheard } = story;
  const own = task.containers.find(({ name }) => name === started.container);
  const defined = containers.find(({ name }) => name === started.container);
  const sign: Sign = {
    text: [task.stoppedReason, own?.reason].filter(Boolean).join(" "),
    stopCode: task.stopCode || "EssentialContainerExited",
    exitCode,
    container: started.container,
    log: lines.join("\n"),
    ...(defined && { image: defined.image }),
    ...(defined?.logGroup !== undefined && { logGroup: defined.logGroup }),
  };
  const known = exitCode === 0 && task.stopCode === "" ? undefined : findCause(sign);
  if (!known) return { cause: `ECS says: ${plainText(reasonOf(task))}` };
  const why = unheard === undefined ? undefined : { why: `No lines of its log: ${unheard}.` };
  return {
    cause: causeSentence(known, sign),
    next: nextStep(known, sign, lines.length > 0 ? "shown" : why),
  };
}

function explainTask(task: OneOffTask, { containers }: TaskStory): Explanation {
  const [group] = rankCauses(failuresOf([task], containers));
  const sign = group?.failures[0]?.sign;
  if (!group || !sign) return { cause: `ECS says: ${plainText(reasonOf(task))}` };
  return { cause: causeSentence(group.cause, sign), next: nextStep(group.cause, sign, undefined) };
}
