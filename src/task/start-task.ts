// Starts a one-off task: once, even if the response is lost; explains why ECS did not start it.

import { isAwsError } from "../aws/aws-errors.ts";
import type { Ecs } from "../aws/ecs.ts";
import { findCause } from "../diagnosis/match-cause.ts";
import { renderTemplate } from "../diagnosis/placeholders.ts";
import { asDeployError, DeployError, type DeployErrorDetails } from "../errors.ts";
import { type JsonObject, stringOf } from "../json.ts";
import { shellBlock } from "../text/code-block.ts";
import { type TaskRequest, taskNameOf, withServicesState } from "./task-request.ts";

/**
 * @throws DeployError `TaskNotStarted`; any other code when it is unknown whether ECS has started
 * it
 */
export async function startTask(
  request: TaskRequest,
  input: JsonObject,
  ecs: Pick<Ecs, "runTask">,
): Promise<string> {
  try {
    const { taskArn, failures } = await ecs.runTask(input);
    if (taskArn !== undefined) return taskArn;
    throw taskNotStarted(request, failures);
  } catch (error) {
    throw explainStartError(request, input, asDeployError(error));
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html */
const runTaskFailures: readonly (readonly [pattern: RegExp, cause: string, next: string])[] = [
  [
    /^RESOURCE:/,
    "no container instance in the cluster has enough free resources",
    "Add an instance, or lower `cpu` and `memory` of the task definition.",
  ],
  [
    /^AGENT/,
    "no container instance has a connected ECS agent",
    "Check the cluster's container instances.",
  ],
  [
    /^ATTRIBUTE/,
    "no container instance has the attributes that the task definition requires",
    "Compare `requiresAttributes` of the task definition with the attributes of the cluster's " +
      "instances.",
  ],
  [
    /^MISSING/,
    "a resource that it needs does not exist",
    "Check the cluster and its capacity in the console.",
  ],
];

function taskNotStarted(request: TaskRequest, failures: readonly string[]): DeployError {
  const text = failures.join("; ") || "ECS gave no reason";
  const [, cause, remedy] = runTaskFailures.find(([pattern]) => pattern.test(text)) ?? [];
  const known = findCause({ text });
  const explanation = cause ?? (known && renderTemplate(known.cause, { text }));
  const knownRemedy = known && renderTemplate(known.remedy, { text });
  const reason = explanation ? `${explanation} (${text})` : text;
  return new DeployError({
    code: "TaskNotStarted",
    message: withServicesState(`${taskNameOf(request)} was not started: ${reason}`, request),
    hint: remedy ?? knownRemedy ?? "This is the message from ECS.",
  });
}

function explainStartError(
  request: TaskRequest,
  input: JsonObject,
  error: DeployError,
): DeployError {
  const { code, hint } = error;
  const message = `${taskNameOf(request)}: ${error.message}`;
  const withDetails = (details: Omit<DeployErrorDetails, "code">, newCode = code) =>
    new DeployError({ ...details, code: newCode }, { cause: error });
  switch (code) {
    case "TaskNotStarted":
      return error;
    case "Cancelled":
    case "AwsUnavailable":
      return withDetails({
        message: withServicesState(
          `${message}\nIt may have been started anyway, and then it keeps running.`,
          request,
          " ",
        ),
        hint:
          "Before you run the job again, check whether it is " +
          `running:\n${listTasksCommand(request, input)}`,
      });
    case "AwsRefused": {
      const conflict = isAwsError(error, "ConflictException");
      const details = {
        message: withServicesState(message, request),
        hint: conflict ? "Run the job again: a new attempt uses a new client token." : hint,
      };
      return withDetails(details, "TaskNotStarted");
    }
    default:
      return withDetails({ message: withServicesState(message, request), hint });
  }
}

function listTasksCommand({ place }: TaskRequest, input: JsonObject): string {
  return shellBlock(
    "aws ecs list-tasks",
    `--cluster ${place.clusterName}`,
    `--started-by ${stringOf(input.startedBy)}`,
  );
}
