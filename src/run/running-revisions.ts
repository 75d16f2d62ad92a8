// Which revisions of a service have running tasks, PURE.

import { shortRevision } from "../ecs/arn.ts";
import type { ObservedService } from "../ecs/observed.ts";

export interface RunningRevision {
  readonly taskDefinitionArn: string;
  readonly tasks: number;
  /** How many tasks the service wants. */
  readonly desired: number;
}

/**
 * [] when nothing runs; undefined when it is unknown: the service has running tasks, its
 * deployments have none.
 */
export function runningRevisions(
  service: ObservedService | undefined,
): readonly RunningRevision[] | undefined {
  if (!service) return undefined;
  const tasks = new Map<string, number>();
  for (const { taskDefinitionArn, runningCount } of service.deployments)
    if (runningCount > 0)
      tasks.set(taskDefinitionArn, (tasks.get(taskDefinitionArn) ?? 0) + runningCount);
  if (tasks.size === 0 && service.runningCount > 0) return undefined;
  return [...tasks].map(([taskDefinitionArn, count]) => ({
    taskDefinitionArn,
    tasks: count,
    desired: service.desiredCount,
  }));
}

/** `api:1`, `api:1 (1 of 3 tasks)`, `api:1 and api:2`; "" when nothing runs. */
export function describeRunningRevisions(running: readonly RunningRevision[]): string {
  const [only, ...others] = running;
  if (only && others.length === 0) {
    const share = only.tasks < only.desired ? ` (${only.tasks} of ${only.desired} tasks)` : "";
    return `${shortRevision(only.taskDefinitionArn)}${share}`;
  }
  return running.map(({ taskDefinitionArn }) => shortRevision(taskDefinitionArn)).join(" and ");
}
