// A command to run before or after a deployment, and its name in messages. Types and texts only.

import type { ObservedService } from "../ecs/observed.ts";
import type { DeployHook } from "../plan/service/task.ts";
import { shellBlock } from "../text/code-block.ts";

export interface DeployTaskRequest {
  readonly moment: DeployHook;
  readonly command: readonly string[];
  /** The task gets the network, platform and capacity of this service. */
  readonly service: ObservedService;
  readonly taskDefinitionArn: string;
  /** The container with the new image. */
  readonly deployed: string;
  /** State of the services while the task runs, for the message if it fails. */
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

/** `The pre-deploy task (alembic upgrade head)` */
export function taskNameOf({
  moment,
  command,
}: Pick<DeployTaskRequest, "moment" | "command">): string {
  const line = command.join(" ").replace(/\s+/g, " ");
  const shortened = line.length > 80 ? `${line.slice(0, 79)}…` : line;
  return `The ${moment} task (${shortened})`;
}

export function stopCommand({ cluster, arn }: Pick<StartedTask, "cluster" | "arn">): string {
  return shellBlock("aws ecs stop-task", `--cluster ${cluster}`, `--task ${arn}`);
}
