// What a failed verification means for a version, PURE: why it is kept, and the sentences.

import { shortRevision } from "../ecs/arn.ts";
import { isRollback } from "../inputs/is-rollback.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { VerificationOutcome } from "../run/outcome.ts";
import type { FailedVerification } from "../run/rollout-end.ts";
import type { ServiceRun } from "../run/state.ts";

/**
 * Why a version that fails is not rolled back; undefined: it is.
 * @param candidates those of the verified services that have a revision to roll back to
 */
export function keepReason(
  inputs: Inputs,
  services: readonly ServiceRun[],
  candidates: readonly ServiceRun[],
): string | undefined {
  if (inputs.onVerifyFailure === "keep") return "on-verify-failure is keep";
  if (isRollback(inputs)) return "this run is a rollback itself";
  if (candidates.length > 0) return undefined;
  if (services.every(({ plan }) => plan.create || plan.previousTaskDefinitionArn === ""))
    return "this is the first deployment, and there is no revision to roll back to";
  return "this run has started no deployment of another revision";
}

/** A first version has nothing to roll back to, and neither has one whose revision did not change. */
export function hasRollbackTarget({ plan, taskDefinitionArn }: ServiceRun): boolean {
  const { create, previousTaskDefinitionArn } = plan;
  return (
    !create && previousTaskDefinitionArn !== "" && taskDefinitionArn !== previousTaskDefinitionArn
  );
}

export function failedVerification(
  results: readonly VerificationOutcome[],
  entries: readonly ServiceRun[],
  kept: string | undefined,
): FailedVerification {
  const revisions = entries.map(
    ({ plan, taskDefinitionArn = plan.service.taskDefinitionArn }) =>
      `${shortRevision(taskDefinitionArn)} on ${plan.service.name}`,
  );
  const failed = results.filter(({ passed }) => !passed).map(({ text }) => text);
  return {
    message: [`The verification of ${revisions.join(", ")} failed.`, ...failed].join("\n"),
    hint:
      "Correct the version and deploy again. If it is good: do `verify-url` and `verify-command` " +
      "ask the right thing, and can this runner reach it? (docs/verification.md)",
    kept,
  };
}
