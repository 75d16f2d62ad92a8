// The tasks of a service: listed and described, page by page.

import {
  DescribeTasksCommand,
  type DesiredStatus,
  type ECSClient,
  ListTasksCommand,
  type Task as SdkTask,
} from "@aws-sdk/client-ecs";
import type { ServiceTask } from "../rollout/service-task.ts";
import type { Call, CallOptions } from "./call.ts";

/** Both calls take a hundred tasks at once; a service that has more than five hundred stopped ones has told enough. */
const mostPages = 5;

export interface ServiceTasks {
  readonly tasks: readonly ServiceTask[];
  /** There are more than we looked at. */
  readonly cut: boolean;
}

export function serviceTaskCalls(client: ECSClient, call: Call) {
  return {
    /**
     * Tasks of a service that run (or are to), or that were stopped in the last hour or so: of all its deployments, for ListTasks takes
     * `startedBy` beside no other filter. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
     */
    async describeServiceTasks(
      cluster: string,
      service: string,
      desiredStatus: DesiredStatus,
      options?: CallOptions,
    ): Promise<ServiceTasks> {
      const found: SdkTask[] = [];
      let nextToken: string | undefined;
      for (let page = 0; page < mostPages; page++) {
        const list = new ListTasksCommand({
          cluster,
          serviceName: service,
          desiredStatus,
          maxResults: 100,
          ...(nextToken !== undefined && { nextToken }),
        });
        const listed = await call("ecs:ListTasks", (abortSignal) => client.send(list, { abortSignal }), options);
        const arns = listed.taskArns ?? [];
        if (arns.length > 0) {
          const describe = new DescribeTasksCommand({ cluster, tasks: arns });
          const answer = await call(
            "ecs:DescribeTasks",
            (abortSignal) => client.send(describe, { abortSignal }),
            options,
          );
          found.push(...(answer.tasks ?? []));
        }
        nextToken = listed.nextToken;
        if (nextToken === undefined) break;
      }
      return { tasks: found.map(serviceTask), cut: nextToken !== undefined };
    },
  };
}

function serviceTask(task: SdkTask): ServiceTask {
  return {
    id: task.taskArn?.split("/").at(-1) ?? "",
    startedBy: task.startedBy ?? "",
    lastStatus: task.lastStatus ?? "",
    health: task.healthStatus ?? "UNKNOWN",
    stoppedAt: (task.stoppedAt ?? task.stoppingAt)?.getTime() ?? 0,
    stopCode: task.stopCode ?? "",
    stoppedReason: task.stoppedReason ?? "",
    containers: (task.containers ?? []).map(({ name = "", exitCode, reason, runtimeId }) => ({
      name,
      ...(exitCode !== undefined && { exitCode }),
      ...(reason !== undefined && { reason }),
      ...(runtimeId !== undefined && { runtimeId }),
    })),
  };
}
