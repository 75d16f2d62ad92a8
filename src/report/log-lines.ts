// The lines at the end of a log group, PURE: what was found, why it failed, how it ended.

import { shortRevision } from "../ecs/arn.ts";
import type { ObservedService } from "../ecs/observed.ts";
import { isRollback } from "../inputs/is-rollback.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { Observed } from "../plan/observed.ts";
import type { Change } from "../plan/task-definition/diff.ts";
import type { Diagnosis } from "../run/diagnosis.ts";
import type { Outcome } from "../run/outcome.ts";
import { formatDuration } from "../text/format.ts";
import { describeHiddenChange, mayShowChange, shortenImage } from "./changes.ts";
import { describeServiceOutcome as describeServiceEnd, headlineOf } from "./headline.ts";

/**
 * `service clockko-backend runs clockko-backend:1 (1 of 1 tasks); repository clockko-backend; tag
 * 1.2 does not exist yet`
 */
export function describeObserved(
  observed: Observed,
  inputs: Pick<Inputs, "image" | "rollback" | "to">,
): string {
  const services = observed.services.map((requested) => {
    if (requested.observed) return describeObservedService(requested.observed);
    return `service ${requested.name} not found`;
  });
  return [
    ...services,
    ...(isRollback(inputs) ? [] : describeObservedImage(observed, inputs.image)),
  ].join("; ");
}

/** For a rollback no image is looked up. */
export function describeObservedImage(
  { repository, tags, externalImages }: Pick<Observed, "repository" | "tags" | "externalImages">,
  given: Inputs["image"],
): readonly string[] {
  if (given)
    return given.map(({ reference }, at) => {
      const found = externalImages[at];
      if (!found) return `image ${reference} not found`;
      return `image ${reference} found (${found.digest})`;
    });
  return [
    describeRepository(repository),
    ...Object.entries(tags).map(
      ([tag, image]) => `tag ${tag} ${image ? "exists already" : "does not exist yet"}`,
    ),
  ];
}

function describeRepository(repository: Observed["repository"]): string {
  if (!repository) return "repository not found";
  if (repository.isCreatedOnPush)
    return `repository ${repository.name} does not exist yet (ECR creates it with the push)`;
  if (repository.isMissing) return `repository ${repository.name} does not exist yet`;
  return `repository ${repository.name}`;
}

function describeObservedService({
  name,
  taskDefinitionArn,
  runningCount,
  desiredCount,
}: ObservedService): string {
  return (
    `service ${name} runs ${shortRevision(taskDefinitionArn)} (${runningCount} of ` +
    `${desiredCount} tasks)`
  );
}

export function describeChange(change: Change): string {
  const { path, from, to } = shortenImage(change);
  if (mayShowChange(change)) return `${path}: ${from} → ${to}`;
  return `${path}: ${describeHiddenChange(change)}`;
}

/** Everything that was found; the cause last, where it is seen first. */
export function describeDiagnosis(service: string, diagnosis: Diagnosis): string[] {
  const { stopReasons, otherCauses, notes, logTail, missing, cause } = diagnosis;
  return [
    ...stopReasons.map(({ reason, count }) => `${count} × ${reason}`),
    ...describeLogTail(logTail),
    ...otherCauses.map((otherCause) => `${otherCause.count} × ${otherCause.cause}`),
    ...notes,
    ...missing.map((piece) => `could not be looked up: ${piece}`),
    `${service}: ${cause}`,
  ];
}

function describeLogTail(logTail: Diagnosis["logTail"]): string[] {
  if (!logTail || logTail.lines.length === 0) return [];
  return [
    `last log lines of container ${logTail.container}, task ${logTail.taskId}:`,
    ...logTail.lines.map((line) => `  | ${line}`),
  ];
}

/**
 * Printed after the last group, because GitHub folds groups; the headline last. The cause follows
 * as the error.
 */
export function describeOutcome(outcome: Outcome): string[] {
  const { services, reasonCode, startedAt, endedAt } = outcome;
  const several = services.length > 1;
  return [
    ...services.flatMap((service) => {
      const { consoleUrl, url } = service;
      const address = url === undefined ? [] : [`${service.service} answers at ${url}`];
      if (several)
        return [
          ...address,
          `${describeServiceEnd(service, outcome)}  ${consoleUrl ?? ""}`.trimEnd(),
        ];
      if (consoleUrl === undefined) return address;
      return [...address, `In the AWS console:  ${consoleUrl}`];
    }),
    `outcome: ${outcome.outcome} (${reasonCode}) after ${formatDuration(endedAt - startedAt)}`,
    headlineOf(outcome),
  ];
}
