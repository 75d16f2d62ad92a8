// The result of an apply: the outcome of each service in ECS, Terraform's error if there was one,
// and the drift of its state.

import { shortRevision } from "../ecs/arn.ts";
import { asDeployError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { RequestedService } from "../plan/check-targets.ts";
import type { ProcessResult } from "../process/run-process.ts";
import { isPass } from "../run/outcome.ts";
import type { ServiceRun } from "../run/state.ts";
import { concludeWithoutDeployment } from "./follow-services.ts";
import { describeStateDrift, taskDefinitionInState } from "./state-drift.ts";
import type { TerraformDeployment } from "./terraform-deployment.ts";
import { firstErrorIn } from "./terraform-error.ts";

/**
 * Gives each service its conclusion after an apply has ended.
 * @throws DeployError if Terraform failed but no deployment did
 */
export async function concludeApply(
  result: ProcessResult,
  run: TerraformDeployment,
): Promise<void> {
  const { services, runState, session } = run;
  const deployed = runState.services.filter(({ deployment }) => deployment);
  for (const entry of runState.services) entry.updateSent = false;
  if (deployed.length === 0)
    session.terraform.assertApplied(result, describeUnmoved(runState.services));
  const applied = result.exitCode === 0 ? "whole" : "failed";
  for (const service of services)
    if (!deployed.some(({ plan }) => isSameService(service, plan.service)))
      await concludeWithoutDeployment(service, applied, run);
  const failed = deployed.filter(({ conclusion }) => conclusion?.problem);
  const state = failed.some(({ end }) => end?.snapshot.service)
    ? await readTerraformState(run)
    : {};
  for (const entry of failed) addStateDrift(entry, result, state, run);
  if (failed.length === 0)
    session.terraform.assertApplied(result, describeAfterApply(runState.services));
}

function describeAfterApply(entries: readonly ServiceRun[]): string {
  const allPassed = entries.every(({ conclusion }) => conclusion && isPass(conclusion.outcome));
  const revisions = entries.map(({ plan, taskDefinitionArn = "", deployment }) => {
    const asBefore = deployment ? "" : " as before";
    return `${plan.service.name} runs ${shortRevision(taskDefinitionArn)}${asBefore}`;
  });
  return (
    `${allPassed ? "ECS itself is fine" : "In ECS"}: ${revisions.join(", ")}. Other changes of ` +
    "this apply may be incomplete: fix the error, and run the job again."
  );
}

/** `Terraform reported: …`, if it failed. */
export function terraformMessageOf(result: ProcessResult | undefined): string | undefined {
  if (!result || result.exitCode === 0) return undefined;
  const noError = `no error (exit code ${result.exitCode ?? "unknown"})`;
  return `Terraform reported: ${firstErrorIn(result.stderrTail) ?? noError}`;
}

function isSameService(
  { cluster, name }: RequestedService,
  service: ServiceRun["plan"]["service"],
): boolean {
  return service.name === name && service.clusterName === cluster;
}

function describeUnmoved(entries: readonly ServiceRun[]): string {
  const revisions = entries.map(
    ({ plan }) => `${plan.service.name} runs ${shortRevision(plan.service.taskDefinitionArn)}`,
  );
  const others = "Other changes of this apply may be incomplete.";
  if (revisions.length === 0) return `No service was created. ${others}`;
  return `No deployment was started in ECS: ${revisions.join(", ")}. ${others}`;
}

/** Adds Terraform's error and the drift of its state to the problem of a failed deployment. */
function addStateDrift(
  entry: ServiceRun,
  result: ProcessResult,
  state: JsonObject,
  { inputs, session, value }: TerraformDeployment,
): void {
  const { plan, taskDefinitionArn = "", conclusion, end } = entry;
  if (!conclusion?.problem) return;
  const running = end?.snapshot.service?.taskDefinitionArn;
  const drift =
    running === undefined
      ? undefined
      : describeStateDrift({
          service: plan.service.name,
          running,
          applied: taskDefinitionArn,
          value,
          directory: session.directory,
          inState: taskDefinitionInState(state, plan.service.name),
          variable: inputs.terraformImageVariable,
          previousImage: plan.previousImage,
        });
  const { message, hint, code } = conclusion.problem;
  entry.conclusion = {
    ...conclusion,
    problem: {
      code,
      message: [message, terraformMessageOf(result), drift?.message].filter(Boolean).join("\n"),
      hint: [hint, drift?.hint].filter(Boolean).join("\n"),
    },
  };
}

/** {} if it cannot be read. */
async function readTerraformState({ session, reporter }: TerraformDeployment): Promise<JsonObject> {
  try {
    return await session.terraform.state();
  } catch (error) {
    reporter.info(`The Terraform state could not be read: ${asDeployError(error).message}`);
    return {};
  }
}
