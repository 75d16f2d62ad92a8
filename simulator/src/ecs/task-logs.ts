// The awslogs driver: which group and stream a container writes to, and what happens when the group
// is missing or access is denied.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html

import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { regionalArn } from "../iam/partitions.ts";
import type { EcsState, TaskState } from "./state.ts";
import { type CheckRole, checkRole, TaskStartError } from "./task-account.ts";

interface Destination {
  readonly group: string;
  readonly stream: string;
  readonly createGroup: boolean;
}

/**
 * `prefix/container/task id`; without a prefix the driver names the stream after the container's
 * runtime id.
 */
function destination(task: TaskState, container: string): Destination | undefined {
  const definition: ContainerDefinition | undefined =
    task.definition.definition.containerDefinitions?.find((one) => one.name === container);
  const { logDriver, options = {} } = definition?.logConfiguration ?? {};
  const group = options["awslogs-group"];
  if (logDriver !== "awslogs" || !group) return undefined;
  const prefix = options["awslogs-stream-prefix"];
  const runtimeId = task.containers.find((one) => one.name === container)?.runtimeId ?? task.id;
  return {
    group,
    stream: prefix ? `${prefix}/${container}/${task.id}` : runtimeId,
    createGroup: options["awslogs-create-group"] === "true",
  };
}

const streamArn = (world: EcsState, group: string, stream: string): string =>
  regionalArn(world, "logs", `log-group:${group}:log-stream:${stream}`);

/** A line that the role may not write is lost: the task continues without it. */
export function routeLog(
  world: EcsState,
  task: TaskState,
  container: string,
  message: string,
): void {
  const to = destination(task, container);
  if (!to || !world.logs.hasGroup(to.group)) return;
  if (checkRole(world.account, task)("logs:PutLogEvents", streamArn(world, to.group, to.stream)))
    return;
  world.logs.put(to.group, to.stream, message);
}

/**
 * Creates the groups that the driver may create; the first one that is missing or not writable
 * prevents the task from starting.
 */
export function prepareLogs(world: EcsState, task: TaskState, ask: CheckRole): void {
  for (const { name } of task.containers) {
    const to = destination(task, name);
    if (!to) continue;
    if (to.createGroup && !world.logs.hasGroup(to.group)) {
      const refusal = ask("logs:CreateLogGroup", streamArn(world, to.group, ""));
      if (refusal) throw logSetupError("group", `AccessDeniedException: ${refusal}`);
      world.logs.createGroup(to.group);
    }
    const refusal = ask("logs:CreateLogStream", streamArn(world, to.group, to.stream));
    if (refusal) throw logSetupError("stream", `AccessDeniedException: ${refusal}`);
    if (!world.logs.hasGroup(to.group)) {
      throw logSetupError(
        "stream",
        "ResourceNotFoundException: The specified log group does not exist.",
      );
    }
  }
}

function logSetupError(what: "group" | "stream", error: string): TaskStartError {
  return new TaskStartError(
    "ResourceInitializationError: failed to validate logger args: create stream has been " +
      "retried 1 times: " +
      `failed to create Cloudwatch log ${what}: ${error} : exit status 1`,
  );
}
