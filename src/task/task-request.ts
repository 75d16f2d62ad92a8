// A task to run once, and its name in messages. Types and texts only.

import { shortRevision } from "../ecs/arn.ts";
import type { TaskMoment, TaskPlace, TaskVariable } from "../plan/service/task.ts";
import { shellBlock } from "../text/code-block.ts";

export interface TaskRequest {
  readonly moment: TaskMoment;
  /** []: that of the task definition. */
  readonly command: readonly string[];
  readonly environment: readonly TaskVariable[];
  readonly place: TaskPlace;
  /** The service that the task belongs to; undefined: none. */
  readonly service: string | undefined;
  readonly taskDefinitionArn: string;
  /** Runs the command, and its exit code counts; undefined: `deployed`. */
  readonly requested: string | undefined;
  /** The container with the new image. */
  readonly deployed: string;
  readonly region: string;
  readonly minutes: number;
  /** The input that has them. */
  readonly minutesInput: "pre-deploy-timeout-minutes" | "wait-for-minutes";
  /** Stop the task when the run is cancelled. */
  readonly stopOnCancel: boolean;
  /** State of the services while the task runs, for the message if it fails; "" without services. */
  readonly servicesState: string;
}

/** A task that ECS has started. */
export interface StartedTask {
  readonly arn: string;
  readonly id: string;
  readonly cluster: string;
  readonly container: string;
  readonly startedAt: number;
}

const names = {
  "pre-deploy": "The pre-deploy task",
  verification: "The verification task",
  "post-deploy": "The post-deploy task",
  "one-off": "The task",
} as const satisfies Record<TaskMoment, string>;

/** `The pre-deploy task (alembic upgrade head)`; without a command, the revision. */
export function taskNameOf({
  moment,
  command,
  taskDefinitionArn,
}: Pick<TaskRequest, "moment" | "command" | "taskDefinitionArn">): string {
  const line = command.join(" ").replace(/\s+/g, " ") || shortRevision(taskDefinitionArn);
  const shortened = line.length > 80 ? `${line.slice(0, 79)}…` : line;
  return `${names[moment]} (${shortened})`;
}

/** The text, and after it the state of the services, if there are any. */
export function withServicesState(
  text: string,
  { servicesState }: Pick<TaskRequest, "servicesState">,
  between: "\n" | " " = "\n",
): string {
  return [text, servicesState].filter(Boolean).join(between);
}

export function stopCommand({ cluster, arn }: Pick<StartedTask, "cluster" | "arn">): string {
  return shellBlock("aws ecs stop-task", `--cluster ${cluster}`, `--task ${arn}`);
}
