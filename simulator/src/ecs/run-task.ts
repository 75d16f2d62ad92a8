// RunTask: tasks outside of any service.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html

import type { RunTaskRequest, RunTaskResponse } from "@aws-sdk/client-ecs";
import { AwsError } from "../contract.ts";
import { invalidParameter } from "./errors.ts";
import { findCluster, requireTaskDefinition } from "./lookup.ts";
import { resolveImages } from "./rollouts.ts";
import { serviceObserver } from "./scheduler.ts";
import type { ClusterState, EcsState, ServiceSettings, TaskDefinitionState } from "./state.ts";
import { taskView } from "./task-views.ts";
import { launchTask } from "./tasks.ts";

const maxTasks = 10;
const maxOverridesBytes = 8_192;

export function runTaskOperations(world: EcsState) {
  return { RunTask: (input: RunTaskRequest) => runTask(world, input) };
}

function runTask(world: EcsState, input: RunTaskRequest): RunTaskResponse {
  const cluster = findCluster(world, input.cluster);
  const definition = requireTaskDefinition(world, input.taskDefinition ?? "");
  refuse(input, definition);
  const { clientToken: token, ...request } = input;
  const asked = JSON.stringify(request);
  const known = token ? world.runTokens.get(`${cluster.name}/${token}`) : undefined;
  if (known && known.request !== asked) {
    throw new AwsError(
      "ConflictException",
      "The client token was used with other parameters before.",
    );
  }
  // A repeated request returns the tasks of the first one in their current state.
  if (known)
    return {
      tasks: cluster.tasks
        .filter((task) => known.taskArns.includes(task.arn))
        .map((task) => taskView(task, true)),
      failures: [],
    };

  const refusal = world.placementFailures.get(definition.family);
  if (refusal !== undefined)
    return { tasks: [], failures: [{ arn: cluster.arn, reason: refusal }] };
  const tasks = Array.from({ length: input.count ?? 1 }, () =>
    launch(world, cluster, definition, input),
  );
  if (token)
    world.runTokens.set(`${cluster.name}/${token}`, {
      request: asked,
      taskArns: tasks.map((task) => task.arn),
    });
  return { tasks: tasks.map((task) => taskView(task, true)), failures: [] };
}

function launch(
  world: EcsState,
  cluster: ClusterState,
  definition: TaskDefinitionState,
  input: RunTaskRequest,
) {
  const {
    launchType,
    capacityProviderStrategy,
    networkConfiguration,
    platformVersion,
    enableExecuteCommand,
  } = input;
  const settings: ServiceSettings = {
    launchType,
    capacityProviderStrategy,
    networkConfiguration,
    platformVersion,
    enableExecuteCommand,
  };
  const digests = Object.fromEntries(
    resolveImages(world, definition).map((one) => [one.containerName ?? "", one.imageDigest]),
  );
  const inherited = input.propagateTags === "TASK_DEFINITION" ? definition.tags : [];
  return launchTask(
    world,
    {
      cluster,
      definition,
      group: input.group ?? `family:${definition.family}`,
      settings,
      digests,
      tags: [...(input.tags ?? []), ...inherited],
      ...(input.startedBy ? { startedBy: input.startedBy } : {}),
      ...(input.overrides ? { overrides: input.overrides } : {}),
    },
    serviceObserver(world),
  );
}

function refuse(input: RunTaskRequest, { definition }: TaskDefinitionState): void {
  const containers = new Set(definition.containerDefinitions?.map((one) => one.name));
  const unknown = input.overrides?.containerOverrides?.find((one) => !containers.has(one.name));
  const checks: readonly (readonly [boolean, string])[] = [
    [
      (input.count ?? 1) < 1 || (input.count ?? 1) > maxTasks,
      `count should be between 1 and ${maxTasks}.`,
    ],
    [
      !!input.launchType && !!input.capacityProviderStrategy?.length,
      "Specify either launchType or capacityProviderStrategy, not both.",
    ],
    [
      definition.networkMode === "awsvpc" && !input.networkConfiguration,
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ],
    [
      (input.propagateTags as string | undefined) === "SERVICE",
      "propagateTags SERVICE is not valid for RunTask.",
    ],
    [(input.startedBy ?? "").length > 128, "startedBy must not be longer than 128 characters."],
    [
      !!input.clientToken && !/^[!-~]{1,64}$/.test(input.clientToken),
      "clientToken must be 1 to 64 ASCII characters.",
    ],
    [
      JSON.stringify(input.overrides ?? {}).length > maxOverridesBytes,
      `Overrides must not exceed ${maxOverridesBytes} characters.`,
    ],
    [
      unknown !== undefined,
      `Override for container named ${unknown?.name} is not a container in the TaskDefinition.`,
    ],
  ];
  const broken = checks.find(([isBroken]) => isBroken);
  if (broken) throw invalidParameter(broken[1]);
}
