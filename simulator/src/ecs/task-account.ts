// The calls that a starting task makes to the rest of the account with its execution role; and how
// ECS reports that one failed.

import type { TaskDefinition, TaskOverride } from "@aws-sdk/client-ecs";
import { type Iam, sessionArn } from "../iam/iam.ts";
import { accountRegionOf } from "../iam/partitions.ts";
import { isTrusted } from "../iam/trust-policy.ts";
import type { SecretsManager } from "../secrets-manager/secrets-manager.ts";

/** The members of a task that identify its execution role. */
interface StartingTask {
  readonly id: string;
  readonly overrides: Pick<TaskOverride, "executionRoleArn">;
  readonly definition: { readonly definition: Pick<TaskDefinition, "executionRoleArn"> };
}

export interface TaskAccount {
  readonly iam: Pick<Iam, "decide" | "roles">;
  readonly secretsManager: SecretsManager;
  /** Parameter Store: value by name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** ARN of an image's ECR repository; undefined for an image of another registry. */
  repositoryOf(image: string): string | undefined;
  /** AWS's sentence if the repository is another account's, and its policy refuses this caller. */
  repositoryDenial(
    caller: { readonly accountId: string; readonly arn: string },
    action: string,
    repositoryArn: string,
  ): string | undefined;
}

/** Whether the task's execution role may do this. AWS's sentence if not. */
export type CheckRole = (action: string, resourceArn: string) => string | undefined;

const executionRoleOf = ({ overrides, definition }: StartingTask): string | undefined =>
  overrides.executionRoleArn ?? definition.definition.executionRoleArn;

/** Throws when the role exists and does not trust ECS. */
export function assumeRole({ iam }: TaskAccount, task: StartingTask): void {
  const roleArn = executionRoleOf(task);
  const role = roleArn === undefined ? undefined : iam.roles.find(roleArn);
  const request = {
    action: "sts:AssumeRole",
    by: { Service: "ecs-tasks.amazonaws.com" },
    context: {},
  };
  if (!role || isTrusted(role.trustPolicy, request)) return;
  throw new TaskStartError(
    `ECS was unable to assume the role '${roleArn}' that was provided for this task. Please ` +
      "verify that the role being " +
      "passed has the proper trust relationship and permissions and that your IAM user has " +
      "permissions to pass this role.",
  );
}

/** A task without an execution role (on EC2, where the instance has one) is not checked. */
export function checkRole(account: TaskAccount, task: StartingTask): CheckRole {
  const roleArn = executionRoleOf(task);
  if (roleArn === undefined) return () => undefined;
  const caller = {
    accountId: accountRegionOf(roleArn).accountId,
    arn: sessionArn(roleArn, task.id),
  };
  return (action, resourceArn) =>
    account.iam.decide(roleArn, action, resourceArn, {}, { name: task.id }) ??
    account.repositoryDenial(caller, action, resourceArn);
}

/** A reason not to start, which becomes the task's stopped reason. */
export class TaskStartError extends Error {
  override readonly name = "StartRefusal";
  /** The container that also gets this reason, if it is about one. */
  readonly container: string | undefined;
  constructor(stoppedReason: string, container?: string) {
    super(stoppedReason);
    this.container = container;
  }
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
 */
export function retrievalError(what: string, error: string): TaskStartError {
  return new TaskStartError(
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource " +
      "retrieval failed: " +
      `${what}: service call has been retried 1 time(s): ${error}`,
  );
}
