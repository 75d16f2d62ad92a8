// ListTasks, DescribeTasks, StopTask.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html

import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListTasksRequest,
  ListTasksResponse,
  StopTaskRequest,
  StopTaskResponse,
} from "@aws-sdk/client-ecs";
import { invalidParameter, serviceNotFound } from "./errors.ts";
import { arn, nameOf } from "./identifiers.ts";
import { findCluster, findService, visibleTasks } from "./lookup.ts";
import { page } from "./paging.ts";
import { serviceObserver } from "./scheduler.ts";
import type { EcsState, TaskState } from "./state.ts";
import { taskView } from "./task-views.ts";
import { stopTask } from "./tasks.ts";

const maxDescribedTasks = 100;

export function taskOperations(world: EcsState) {
  return {
    ListTasks: (input: ListTasksRequest) => listTasks(world, input),
    DescribeTasks: (input: DescribeTasksRequest) => describeTasks(world, input),
    StopTask: (input: StopTaskRequest) => stop(world, input),
  };
}

/** Filters by the desired status of a task, not by its current one. */
function listTasks(world: EcsState, input: ListTasksRequest): ListTasksResponse {
  const cluster = findCluster(world, input.cluster);
  const {
    startedBy,
    serviceName,
    family,
    launchType,
    containerInstance,
    desiredStatus = "RUNNING",
  } = input;
  if (startedBy && (serviceName || family || launchType || containerInstance)) {
    throw invalidParameter("startedBy must be the only filter that you use.");
  }
  const service = serviceName ? findService(cluster, serviceName) : undefined;
  if (serviceName && !service) throw serviceNotFound();
  const tasks = visibleTasks(world, cluster).filter(
    (task) =>
      task.desiredStatus === desiredStatus &&
      (!startedBy || task.startedBy === startedBy) &&
      (!service || task.service === service) &&
      (!family || task.definition.family === family) &&
      (!launchType || taskView(task, false).launchType === launchType) &&
      !containerInstance,
  );
  const { items, nextToken } = page(tasks, input.maxResults ?? maxDescribedTasks, input.nextToken);
  return { taskArns: items.map((task) => task.arn), ...(nextToken ? { nextToken } : {}) };
}

function describeTasks(world: EcsState, input: DescribeTasksRequest): DescribeTasksResponse {
  const cluster = findCluster(world, input.cluster);
  const asked = input.tasks ?? [];
  if (asked.length === 0) throw invalidParameter("Tasks cannot be empty.");
  if (asked.length > maxDescribedTasks)
    throw invalidParameter(`Tasks must not exceed ${maxDescribedTasks} items.`);
  const now = world.clock.now();
  const visible = visibleTasks(world, cluster).filter((task) => task.visibleAt <= now);
  const looked = asked.map((reference) => ({ reference, task: findTask(visible, reference) }));
  const withTags = input.include?.includes("TAGS") ?? false;
  return {
    tasks: looked.flatMap(({ task }) => (task ? [taskView(task, withTags)] : [])),
    failures: looked
      .filter(({ task }) => !task)
      .map(({ reference }) => ({
        arn: arn(world, `task/${cluster.name}/${nameOf(reference)}`),
        reason: "MISSING",
      })),
  };
}

function stop(world: EcsState, input: StopTaskRequest): StopTaskResponse {
  const cluster = findCluster(world, input.cluster);
  const task = findTask(visibleTasks(world, cluster), input.task ?? "");
  if (!task) throw invalidParameter("The referenced task was not found.");
  const stoppedReason = input.reason ?? "Task stopped by user";
  stopTask(
    world,
    task,
    { by: "user", stopCode: "UserInitiated", stoppedReason },
    serviceObserver(world),
  );
  return { task: taskView(task, false) };
}

function findTask(tasks: readonly TaskState[], reference: string): TaskState | undefined {
  return tasks.find((task) => task.id === nameOf(reference));
}
