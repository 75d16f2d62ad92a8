// What a starting task needs of the rest of the account, asked as its execution role; and how ECS
// tells that it did not get it.

import type { TaskDefinition, TaskOverride } from "@aws-sdk/client-ecs";
import type { Iam } from "../iam/iam.ts";
import { isTrusted } from "../iam/trust-policy.ts";
import type { SecretsManager } from "../secrets-manager/secrets-manager.ts";

/** The members of a task that say which execution role it has. */
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
  /** ARN of the ECR repository that an image is in; undefined for an image from elsewhere. */
  repositoryOf(image: string): string | undefined;
}

/** May the task's execution role do this? AWS's sentence if not. */
export type CheckRole = (action: string, resourceArn: string) => string | undefined;

const executionRoleOf = ({ overrides, definition }: StartingTask): string | undefined =>
  overrides.executionRoleArn ?? definition.definition.executionRoleArn;

/** Throws when the role is there and does not trust ECS. */
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

/** A task without an execution role (on EC2, where the instance has one) is asked nothing. */
export function checkRole({ iam }: TaskAccount, task: StartingTask): CheckRole {
  const roleArn = executionRoleOf(task);
  if (roleArn === undefined) return () => undefined;
  return (action, resourceArn) => iam.decide(roleArn, action, resourceArn, {}, { name: task.id });
}

/** A reason not to start, which becomes the task's stopped reason. */
export class TaskStartError extends Error {
  override readonly name = "StartRefusal";
  /** Whose reason it is too, where it is about one container. */
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
