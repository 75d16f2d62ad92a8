// By what ECS knows a task of ours again: a token that makes the start idempotent, and a mark to find the task by.

import { createHash } from "node:crypto";

type RunnerEnvironment = Readonly<Record<string, string | undefined>>;

/** What makes this task another one than any other of the same workflow run. */
export interface TaskTokenInput {
  readonly moment: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly container: string;
  readonly command: readonly string[];
}

/**
 * The same for every try of one call, another one in every attempt of the run, job and step: ECS takes 64 characters, which a SHA-256 has.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 * @param now stands in for the run's id where there is none
 */
export function clientTokenOf(
  task: TaskTokenInput,
  environment: RunnerEnvironment,
  now: number,
): string {
  const { GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION } = environment;
  const run = [GITHUB_RUN_ID ?? now, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION];
  const what = [task.moment, task.clusterArn, task.taskDefinitionArn, task.container, task.command];
  return createHash("sha256")
    .update(JSON.stringify([run, what]))
    .digest("hex");
}

/** `deploy-ecs/<run>/<attempt>`, in the letters that ECS allows: `aws ecs list-tasks --started-by` finds the tasks of a run. */
export function startedByOf({
  GITHUB_RUN_ID = "local",
  GITHUB_RUN_ATTEMPT = "1",
}: RunnerEnvironment): string {
  return `deploy-ecs/${GITHUB_RUN_ID}/${GITHUB_RUN_ATTEMPT}`.replace(/[^\w/-]/g, "-").slice(0, 128);
}
