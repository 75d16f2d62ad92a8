// Tasks: those of a service, listed and described page by page, and one-off tasks, run, described
// and stopped.

import {
  DescribeTasksCommand,
  type DesiredStatus,
  type ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  type Task as SdkTask,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { resourceId } from "../ecs/arn.ts";
import type { OneOffTask, RunTaskResult } from "../ecs/one-off-task.ts";
import type { ServiceTask } from "../ecs/service-task.ts";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import { MalformedResponse } from "./aws-errors.ts";
import type { Call, CallOptions } from "./call.ts";
import { sendRawJson } from "./raw-json.ts";
import { requireAllReturned, requireList, requireSameResource } from "./validate-response.ts";

/** Both calls take up to a hundred tasks; five hundred stopped ones are enough for a diagnosis. */
const maxTaskPages = 5;

export interface ServiceTasks {
  readonly tasks: readonly ServiceTask[];
  /** There are more tasks than were read. */
  readonly truncated: boolean;
}

export function serviceTaskCalls(client: ECSClient, call: Call) {
  return {
    /**
     * Tasks of a service that run (or are to), or that were stopped in the last hour or so: of all
     * its deployments, because ListTasks cannot combine `startedBy` with another filter.
     * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
     */
    async describeServiceTasks(
      cluster: string,
      service: string,
      desiredStatus: DesiredStatus,
      options?: CallOptions,
    ): Promise<ServiceTasks> {
      const found: SdkTask[] = [];
      let nextToken: string | undefined;
      for (let page = 0; page < maxTaskPages; page++) {
        const list = new ListTasksCommand({
          cluster,
          serviceName: service,
          desiredStatus,
          maxResults: 100,
          ...(nextToken !== undefined && { nextToken }),
        });
        const listed = await call(
          "ecs:ListTasks",
          async (abortSignal) => {
            const answer = await client.send(list, { abortSignal });
            return { arns: requireList(answer.taskArns, "taskArns"), nextToken: answer.nextToken };
          },
          options,
        );
        if (listed.arns.length > 0)
          found.push(
            ...(await describeTasks(client, call, { cluster, tasks: listed.arns }, options)),
          );
        nextToken = listed.nextToken;
        if (nextToken === undefined) break;
      }
      return { tasks: found.map(toServiceTask), truncated: nextToken !== undefined };
    },
  };
}

export function oneOffTaskCalls(client: ECSClient, call: Call) {
  return {
    /**
     * Safe to retry as long as `input` has the same `clientToken`. ECS may start nothing, and give
     * the reason in a response that is no error.
     */
    async runTask(input: JsonObject): Promise<RunTaskResult> {
      const command = () =>
        new RunTaskCommand({ taskDefinition: stringOf(input.taskDefinition) ?? "" });
      const answer = await call("ecs:RunTask", async (signal) => {
        const started = await sendRawJson(client, command(), input, signal);
        if (!started.tasks && !started.failures)
          throw new MalformedResponse("the answer has neither tasks nor failures");
        return started;
      });
      const taskArn = stringOf(objectsOf(answer.tasks)[0]?.taskArn);
      const failures = objectsOf(answer.failures).map(({ reason, detail }) =>
        [reason, detail].map(stringOf).filter(Boolean).join(": "),
      );
      return { failures, taskArn };
    },

    /** undefined: ECS reports MISSING, as it may for some seconds after the start. */
    async describeTask(
      cluster: string,
      taskArn: string,
      options?: CallOptions,
    ): Promise<OneOffTask | undefined> {
      const [task] = await describeTasks(client, call, { cluster, tasks: [taskArn] }, options);
      return (
        task && {
          ...toServiceTask(task),
          desiredStatus: task.desiredStatus ?? "",
          reachedRunning: task.startedAt !== undefined,
        }
      );
    },

    /** SIGTERM, and SIGKILL after the container's `stopTimeout`. */
    async stopTask(
      cluster: string,
      task: string,
      reason: string,
      options?: CallOptions,
    ): Promise<void> {
      const command = new StopTaskCommand({ cluster, task, reason });
      await call(
        "ecs:StopTask",
        async (abortSignal) =>
          requireSameResource(task, (await client.send(command, { abortSignal })).task?.taskArn),
        options,
      );
    },
  };
}

/** Those that ECS does not know (yet, or any more) are left out. */
function describeTasks(
  client: ECSClient,
  call: Call,
  { cluster, tasks }: { readonly cluster: string; readonly tasks: readonly string[] },
  options?: CallOptions,
): Promise<readonly SdkTask[]> {
  const command = new DescribeTasksCommand({ cluster, tasks: [...tasks] });
  return call(
    "ecs:DescribeTasks",
    async (abortSignal) => {
      const answer = await client.send(command, { abortSignal });
      const found = requireList(answer.tasks, "tasks");
      const failed = (answer.failures ?? []).map(({ arn }) => arn);
      requireAllReturned(tasks, [...found.map(({ taskArn }) => taskArn), ...failed]);
      return found;
    },
    options,
  );
}

function toServiceTask(task: SdkTask): ServiceTask {
  return {
    id: resourceId(task.taskArn ?? ""),
    startedBy: task.startedBy ?? "",
    lastStatus: task.lastStatus ?? "",
    health: task.healthStatus ?? "UNKNOWN",
    stoppedAt: (task.stoppedAt ?? task.stoppingAt)?.getTime() ?? 0,
    stopCode: task.stopCode ?? "",
    stoppedReason: task.stoppedReason ?? "",
    launchType: task.launchType,
    capacityProvider: task.capacityProviderName,
    isPlaced: task.containerInstanceArn !== undefined,
    isPulling: task.pullStartedAt !== undefined && task.pullStoppedAt === undefined,
    containers: (task.containers ?? []).map(
      ({ name = "", exitCode, reason, runtimeId, lastStatus, healthStatus }) => ({
        name,
        lastStatus,
        health: healthStatus,
        exitCode,
        reason,
        runtimeId,
      }),
    ),
  };
}
