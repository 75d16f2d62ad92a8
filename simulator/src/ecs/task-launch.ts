// What a runner gets of a task: the task definition with the task's overrides and secrets applied.
// Pure.

import type { ContainerDefinition, ContainerOverride } from "@aws-sdk/client-ecs";
import type { LaunchedContainer, TaskLaunch } from "../contract.ts";
import type { TaskState } from "./state.ts";
import type { TaskSecrets } from "./task-secrets.ts";

export function describeLaunch(task: TaskState, secrets: TaskSecrets): TaskLaunch {
  const { definition, overrides } = task;
  const {
    taskRoleArn = definition.definition.taskRoleArn,
    executionRoleArn = definition.definition.executionRoleArn,
  } = overrides;
  const { cpu = definition.definition.cpu, memory = definition.definition.memory } = overrides;
  return {
    taskArn: task.arn,
    taskId: task.id,
    clusterName: task.cluster.name,
    startedBy: task.startedBy ?? "",
    taskDefinitionArn: definition.arn,
    family: definition.family,
    revision: definition.revision,
    ...(task.service ? { serviceName: task.service.name } : {}),
    ...(executionRoleArn ? { executionRoleArn } : {}),
    ...(taskRoleArn ? { taskRoleArn } : {}),
    ...(cpu ? { cpu } : {}),
    ...(memory ? { memory } : {}),
    containers: (definition.definition.containerDefinitions ?? []).map((one) =>
      launchedContainer(task, one, secrets[one.name ?? ""] ?? {}),
    ),
  };
}

function launchedContainer(
  task: TaskState,
  definition: ContainerDefinition,
  secrets: TaskSecrets[string],
): LaunchedContainer {
  const override: Partial<ContainerOverride> =
    task.overrides.containerOverrides?.find((one) => one.name === definition.name) ?? {};
  const digest = task.containers.find((one) => one.name === definition.name)?.imageDigest;
  const command = override.command ?? definition.command;
  const environment = [...(definition.environment ?? []), ...(override.environment ?? [])];
  return {
    name: definition.name ?? "",
    image: definition.image ?? "",
    essential: definition.essential ?? true,
    ...(digest ? { imageDigest: digest } : {}),
    ...(command ? { command } : {}),
    ...(definition.entryPoint ? { entryPoint: definition.entryPoint } : {}),
    environment: {
      ...Object.fromEntries(environment.map(({ name = "", value = "" }) => [name, value])),
      ...secrets,
    },
    definition: definition as Readonly<Record<string, unknown>>,
  };
}
