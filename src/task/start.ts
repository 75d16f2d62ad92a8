// Starting a one-off task: once, whatever becomes of the answer, and why not where ECS refuses.

import { isAwsError } from "../aws/aws-errors.ts";
import type { Ecs } from "../aws/ecs.ts";
import { fill, findCause } from "../diagnosis/match-cause.ts";
import { asDeployError, DeployError } from "../errors.ts";
import { type JsonObject, stringOf } from "../json.ts";
import { shellBlock } from "../text/code-block.ts";
import { nameOf, type TaskJob } from "./task-request.ts";

/** @throws DeployError `TaskNotStarted`; any other code when it is not known whether ECS has started it */
export async function startTask(
  job: TaskJob,
  input: JsonObject,
  ecs: Pick<Ecs, "runTask">,
): Promise<string> {
  try {
    const { taskArn, failures } = await ecs.runTask(input);
    if (taskArn !== undefined) return taskArn;
    throw notStarted(job, failures);
  } catch (error) {
    throw explained(job, input, asDeployError(error));
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html */
const refusals: readonly (readonly [pattern: RegExp, cause: string, next: string])[] = [
  [
    /^RESOURCE:/,
    "no container instance of the cluster has enough left of what it needs",
    "Add an instance, or lower `cpu` and `memory` of the task definition.",
  ],
  [
    /^AGENT/,
    "no container instance has a connected ECS agent",
    "Look at the cluster's container instances.",
  ],
  [
    /^ATTRIBUTE/,
    "no container instance has the attributes that the task definition requires",
    "Look at `requiresAttributes` of the task definition and at the cluster's instances.",
  ],
  [
    /^MISSING/,
    "something that it needs is not there",
    "Look at the cluster and its capacity in the console.",
  ],
];

function notStarted(job: TaskJob, failures: readonly string[]): DeployError {
  const words = failures.join("; ") || "ECS gives no reason";
  const [, cause, next] = refusals.find(([pattern]) => pattern.test(words)) ?? [];
  const known = findCause({ text: words });
  const told = cause ?? (known && fill(known.cause, { text: words }));
  return new DeployError({
    code: "TaskNotStarted",
    message: `${nameOf(job)} was not started: ${told ? `${told} (${words})` : words}\n${job.standing}`,
    hint: next ?? (known ? fill(known.next, { text: words }) : "These are ECS's own words."),
  });
}

function explained(job: TaskJob, input: JsonObject, error: DeployError): DeployError {
  const { code, hint } = error;
  const message = `${nameOf(job)}: ${error.message}`;
  const of = (details: { code?: DeployError["code"]; message: string; hint: string | undefined }) =>
    new DeployError(
      {
        code: details.code ?? code,
        message: details.message,
        ...(details.hint && { hint: details.hint }),
      },
      { cause: error },
    );
  switch (code) {
    case "TaskNotStarted":
      return error;
    case "Cancelled":
    case "AwsUnavailable":
      return of({
        message: `${message}\nIt may have been started all the same, and then it goes on. ${job.standing}`,
        hint: `Before you run the job again, see whether it runs:\n${shellBlock("aws ecs list-tasks", `--cluster ${job.service.clusterName}`, `--started-by ${stringOf(input.startedBy)}`)}`,
      });
    case "AwsRefused": {
      const conflict = isAwsError(error, "ConflictException");
      return of({
        code: "TaskNotStarted",
        message: `${message}\n${job.standing}`,
        hint: conflict ? "Run the job again: a new attempt has a token of its own." : hint,
      });
    }
    default:
      return of({ message: `${message}\n${job.standing}`, hint });
  }
}
