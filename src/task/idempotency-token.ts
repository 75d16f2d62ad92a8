// The client token that makes RunTask idempotent, and the startedBy by which the task can be found.

import { createHash } from "node:crypto";

type RunnerEnvironment = Readonly<Record<string, string | undefined>>;

/** What distinguishes this task from the others of the same workflow run. */
interface TaskTokenInput {
  readonly moment: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly container: string;
  readonly command: readonly string[];
}

/**
 * The same for each retry of one call, different in each attempt of the run, job and step. ECS
 * allows 64 characters, as many as a SHA-256 has.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 * @param now replaces the run's id if there is none
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

/**
 * `deploy-ecs/<run>/<attempt>`, in the characters that ECS allows: `aws ecs list-tasks
 * --started-by` finds the tasks of a run.
 */
export function startedByOf({
  GITHUB_RUN_ID = "local",
  GITHUB_RUN_ATTEMPT = "1",
}: RunnerEnvironment): string {
  return `deploy-ecs/${GITHUB_RUN_ID}/${GITHUB_RUN_ATTEMPT}`.replace(/[^\w/-]/g, "-").slice(0, 128);
}
