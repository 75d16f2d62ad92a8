// The awslogs driver: which group and stream a container writes to, and what happens when the group is missing.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html

import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { TaskStop } from "../contract.ts";
import type { TaskState, World } from "./state.ts";

interface Destination {
  readonly group: string;
  readonly prefix: string | undefined;
  readonly createGroup: boolean;
}

function destination(container: ContainerDefinition | undefined): Destination | undefined {
  const { logDriver, options = {} } = container?.logConfiguration ?? {};
  const group = options["awslogs-group"];
  if (logDriver !== "awslogs" || !group) return undefined;
  return { group, prefix: options["awslogs-stream-prefix"], createGroup: options["awslogs-create-group"] === "true" };
}

const definitionOf = (task: TaskState, name: string) =>
  task.definition.definition.containerDefinitions?.find((one) => one.name === name);

/** `prefix/container/task id`; without a prefix the driver names the stream after the container's runtime id. */
export function routeLog(world: World, task: TaskState, container: string, message: string): void {
  const to = destination(definitionOf(task, container));
  if (!to || !world.logs.hasGroup(to.group)) return;
  const runtimeId = task.containers.find((one) => one.name === container)?.runtimeId ?? task.id;
  world.logs.put(to.group, to.prefix ? `${to.prefix}/${container}/${task.id}` : runtimeId, message);
}

/** Creates the groups that may be created; the first one that is missing and may not stops the task before it runs. */
export function findMissingLogGroup(world: World, task: TaskState): TaskStop | undefined {
  for (const { name } of task.containers) {
    const to = destination(definitionOf(task, name));
    if (!to || world.logs.hasGroup(to.group)) continue;
    if (to.createGroup) world.logs.createGroup(to.group);
    else
      return {
        stopCode: "TaskFailedToStart",
        stoppedReason:
          "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create " +
          "Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1",
        containers: task.containers.map((one) => ({ name: one.name })),
      };
  }
  return undefined;
}
