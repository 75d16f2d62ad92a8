// The verdict on an apply: ECS's word on each service first, Terraform's beside it, and whether its state still tells the truth.

import { asDeployError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { SoughtService } from "../plan/check-targets.ts";
import type { ProcessResult } from "../process/run-process.ts";
import { isPass } from "../run/outcome.ts";
import type { ServiceEntry } from "../run/state.ts";
import { shortRevision } from "../text/format.ts";
import { concludeUnmoved } from "./follow-services.ts";
import { describeDisagreement, taskDefinitionInState } from "./state-drift.ts";
import type { TerraformDeployment } from "./terraform-deployment.ts";
import { firstErrorIn } from "./terraform-error.ts";

/** After an apply that came to its end: each service has its conclusion. @throws DeployError where Terraform failed, and the services are fine */
export async function conclude(result: ProcessResult, run: TerraformDeployment): Promise<void> {
  const { services, journal, session } = run;
  const moved = journal.services.filter(({ deployment }) => deployment);
  for (const entry of journal.services) entry.updateSent = false;
  if (moved.length === 0) session.terraform.judge(result, standingOf(journal.services));
  const applied = result.exitCode === 0 ? "whole" : "failed";
  for (const service of services)
    if (!moved.some(({ plan }) => isThat(service, plan.service)))
      await concludeUnmoved(service, applied, run);
  const bad = moved.filter(({ conclusion }) => conclusion?.problem);
  const state = bad.some(({ end }) => end?.snapshot.service) ? await readState(run) : {};
  for (const entry of bad) tellDisagreement(entry, result, state, run);
  if (bad.length === 0) session.terraform.judge(result, standingAfter(journal.services));
}

function standingAfter(entries: readonly ServiceEntry[]): string {
  const fine = entries.every(({ conclusion }) => conclusion && isPass(conclusion.outcome));
  const runs = entries.map(({ plan, taskDefinitionArn = "", deployment }) => {
    const asBefore = deployment ? "" : " as before";
    return `${plan.service.name} runs ${shortRevision(taskDefinitionArn)}${asBefore}`;
  });
  return `${fine ? "ECS itself is fine" : "In ECS"}: ${runs.join(", ")}. What else Terraform was to change may be half done: correct it, and run the job again.`;
}

/** `Terraform said: …`, if it failed. */
export function sayingOf(result: ProcessResult | undefined): string | undefined {
  if (!result || result.exitCode === 0) return undefined;
  return `Terraform said: ${firstErrorIn(result.stderrTail) ?? `(nothing; it ended with exit code ${result.exitCode ?? "unknown"})`}`;
}

function isThat(
  { cluster, name }: SoughtService,
  service: ServiceEntry["plan"]["service"],
): boolean {
  return service.name === name && service.clusterName === cluster;
}

function standingOf(entries: readonly ServiceEntry[]): string {
  const runs = entries.map(
    ({ plan }) => `${plan.service.name} runs ${shortRevision(plan.service.taskDefinitionArn)}`,
  );
  return runs.length > 0
    ? `No deployment began in ECS: ${runs.join(", ")}. What else Terraform was to change may be half done.`
    : "No service was created. What else Terraform was to change may be half done.";
}

/** The rollout went wrong: what Terraform said beside it, and where its state stands now. */
function tellDisagreement(
  entry: ServiceEntry,
  result: ProcessResult,
  state: JsonObject,
  { inputs, session, value }: TerraformDeployment,
): void {
  const { plan, taskDefinitionArn = "", conclusion, end } = entry;
  if (!conclusion?.problem) return;
  const running = end?.snapshot.service?.taskDefinitionArn;
  const disagreement =
    running === undefined
      ? undefined
      : describeDisagreement({
          ...{
            service: plan.service.name,
            running,
            applied: taskDefinitionArn,
            value,
            directory: session.directory,
          },
          inState: taskDefinitionInState(state, plan.service.name),
          variable: inputs.terraformImageVariable,
          previousImage: plan.previousImage,
        });
  const { message, hint, code } = conclusion.problem;
  entry.conclusion = {
    ...conclusion,
    problem: {
      code,
      message: [message, sayingOf(result), disagreement?.message].filter(Boolean).join("\n"),
      hint: [hint, disagreement?.hint].filter(Boolean).join("\n"),
    },
  };
}

/** {} where it cannot be read. */
async function readState({ session, reporter }: TerraformDeployment): Promise<JsonObject> {
  try {
    return await session.terraform.state();
  } catch (error) {
    reporter.info(`Terraform's state could not be read: ${asDeployError(error).message}`);
    return {};
  }
}
