// What ECS does with a task's execution role before the task's containers start: sign in to ECR,
// read the secrets, pull the images, create the log streams. A denied call stops the task, with
// Fargate's text.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html

import type { TaskLaunch, TaskStop } from "../contract.ts";
import type { EcsState, TaskState } from "./state.ts";
import {
  assumeRole,
  type CheckRole,
  checkRole,
  retrievalError,
  TaskStartError,
} from "./task-account.ts";
import { describeLaunch } from "./task-launch.ts";
import { prepareLogs } from "./task-logs.ts";
import { readSecrets } from "./task-secrets.ts";

/** What the runner starts, or why ECS does not start the task. */
export function prepareTask(
  world: EcsState,
  task: TaskState,
): { readonly launch: TaskLaunch } | { readonly refused: TaskStop } {
  const ask = checkRole(world.account, task);
  try {
    assumeRole(world.account, task);
    signIn(world, task, ask);
    const secrets = readSecrets(world, task, ask);
    for (const { name, image } of task.containers) pull(world, name, image, ask);
    prepareLogs(world, task, ask);
    return { launch: describeLaunch(task, secrets) };
  } catch (error) {
    if (!(error instanceof TaskStartError)) throw error;
    const { message: reason, container } = error;
    const containers = task.containers.map(({ name }) => ({
      name,
      ...(name === container ? { reason } : {}),
    }));
    return { refused: { stopCode: "TaskFailedToStart", stoppedReason: reason, containers } };
  }
}

/**
 * Once for all images.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
 */
function signIn(world: EcsState, task: TaskState, ask: CheckRole): void {
  if (!task.containers.some(({ image }) => world.account.repositoryOf(image))) return;
  const refusal = ask("ecr:GetAuthorizationToken", "*");
  if (refusal)
    throw retrievalError(
      "unable to retrieve ecr registry auth",
      `AccessDeniedException: ${refusal}`,
    );
}

/**
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_ECS.html (the actions of a pull)
 */
function pull(world: EcsState, container: string, image: string, ask: CheckRole): void {
  const repository = world.account.repositoryOf(image);
  if (repository === undefined) return;
  const [host = ""] = image.split("/");
  if (ask("ecr:BatchGetImage", repository)) {
    const version = /[@:]([^/@]+)$/.exec(image.slice(host.length))?.[1] ?? "latest";
    throw new TaskStartError(
      "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to " +
        `resolve ref ${image}: ` +
        `pulling from host ${host} failed with status code [manifests ${version}]: 403 Forbidden`,
      container,
    );
  }
  if (
    ask("ecr:BatchCheckLayerAvailability", repository) ??
    ask("ecr:GetDownloadUrlForLayer", repository)
  ) {
    const blobs = `https://${host}/v2/${repository.slice(repository.indexOf("/") + 1)}/blobs/`;
    throw new TaskStartError(
      "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: " +
        "httpReadSeeker: failed open: " +
        `unexpected status code ${blobs}: 403 Forbidden`,
      container,
    );
  }
}
