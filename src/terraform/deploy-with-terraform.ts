// The deployment with Terraform: plan, migrate, apply, and watch the services in ECS.

import { shortRevision } from "../ecs/arn.ts";
import { asDeployError, DeployError } from "../errors.ts";
import type { ProcessResult } from "../process/run-process.ts";
import type { PlannedRun } from "./cli.ts";
import { concludeApply, terraformMessageOf } from "./conclude-apply.ts";
import { containerWithImage, findRevisionWithImage } from "./find-deployment.ts";
import { concludeWithoutDeployment, followService } from "./follow-services.ts";
import { type PlanPorts, planAndCheck } from "./plan.ts";
import { containersWith } from "./plan-checks.ts";
import { type SupervisedProcess, supervise } from "./supervise.ts";
import type { TerraformDeployment } from "./terraform-deployment.ts";

/**
 * Afterwards each service has its conclusion. It comes from ECS, whatever Terraform reports.
 * @throws DeployError when Terraform could not apply its plan, or not all of it
 */
export async function deployWithTerraform(run: TerraformDeployment): Promise<void> {
  const { phase, services } = run;
  const planned = await phase("Plan with Terraform", () => planAndCheck(planPorts(run)));
  const remaining = await registerAndMigrate(planned, run);
  if (!remaining.hasChanges) {
    run.reporter.info("Terraform reports no changes.");
    for (const service of services) await concludeWithoutDeployment(service, "whole", run);
    return;
  }
  await phase("Apply with Terraform and watch the rollout", () => applyAndWatch(remaining, run));
}

function planPorts(run: TerraformDeployment): PlanPorts {
  return { ...run, image: { reference: run.reference, value: run.value } };
}

/**
 * Migrations run with the exact revision that is deployed after them. Terraform registers it before
 * everything else, so that no other tool registers revisions. A new service has no network for a
 * task yet: its migrations run when Terraform has created it.
 */
async function registerAndMigrate(
  planned: PlannedRun,
  run: TerraformDeployment,
): Promise<PlannedRun> {
  const { inputs, runState, phase, previousDefinitions, reference } = run;
  const entries = runState.services;
  const { preDeployCommand, preDeployTaskDefinition } = inputs;
  const runsTask = preDeployCommand !== undefined || preDeployTaskDefinition !== undefined;
  if (!runsTask || !planned.hasChanges || entries.length === 0) return planned;
  const running = entries.map(({ plan }) => previousDefinitions[plan.service.taskDefinitionArn]);
  if (running.every((definition) => definition && containerWithImage(definition, reference)))
    return planned;
  if (preDeployTaskDefinition) {
    await run.migrate(entries);
    return planned;
  }
  await phase("Register the task definition with Terraform", () =>
    registerTaskDefinition(planned, run),
  );
  await run.migrate(entries);
  return phase("Plan the remaining changes with Terraform", () => planAndCheck(planPorts(run)));
}

async function registerTaskDefinition(
  planned: PlannedRun,
  run: TerraformDeployment,
): Promise<void> {
  const { aws, reference, runState, session, reporter } = run;
  const addresses = [
    ...new Set(containersWith(planned.view, reference).map(({ address }) => address)),
  ];
  const targets = addresses.length > 0 ? addresses : planned.view.unknownContainers;
  const registration = targets.length > 0 ? await planAndCheck(planPorts(run), targets) : undefined;
  if (registration?.hasChanges) {
    const apply = await startApply(registration, run);
    const result = await apply.ended.catch((reason: unknown) => {
      throw interruptedError(reason, apply);
    });
    session.terraform.assertApplied(result, "The service was not touched.");
  }
  for (const entry of runState.services) {
    const family = shortRevision(entry.plan.service.taskDefinitionArn).replace(/:\d+$/, "");
    const newest = await findRevisionWithImage(family, reference, aws.ecs);
    if (!newest)
      throw new DeployError({
        code: "TerraformImageNotPlanned",
        message:
          `The newest revision of ${family} does not use ${reference}, so there is no revision ` +
          "to run pre-deploy-command with.",
        hint:
          "The service was not touched. Does the root use another task definition family than " +
          "the service?",
      });
    entry.taskDefinitionArn = newest.definition.arn;
    reporter.info(`${family}: ${shortRevision(newest.definition.arn)}`);
  }
}

async function startApply(
  plan: PlannedRun,
  { session, postState, signal, reporter }: TerraformDeployment,
): Promise<SupervisedProcess> {
  const { terraform, directory, folder } = session;
  signal.throwIfAborted();
  const child = await terraform.apply(plan, (line) => {
    if (line.trim() !== "") reporter.info(line);
  });
  return supervise(child, "apply", { directory, folder, postState, signal });
}

async function applyAndWatch(planned: PlannedRun, run: TerraformDeployment): Promise<void> {
  const { services, runState } = run;
  const recordApplied = (applied: "begun" | "whole" | "failed") => {
    if (runState.terraform) runState.terraform = { ...runState.terraform, applyState: applied };
  };
  const apply = await startApply(planned, run);
  recordApplied("begun");
  for (const entry of runState.services) entry.updateSent = true;
  const watches = services.map((service) => followService(service, apply.status, run));
  const [ended, ...followed] = await Promise.allSettled([apply.ended, ...watches]);
  const result = ended.status === "fulfilled" ? ended.value : undefined;
  if (result) recordApplied(result.exitCode === 0 ? "whole" : "failed");
  for (const course of followed)
    if (course.status === "rejected") throw interruptedError(course.reason, apply, result);
  if (ended.status === "rejected") throw interruptedError(ended.reason, apply);
  await concludeApply(ended.value, run);
}

/**
 * The run was cancelled while Terraform was running, or AWS is unreachable: then Terraform may have
 * failed for the same reason.
 */
function interruptedError(
  reason: unknown,
  { isInterrupted }: SupervisedProcess,
  result?: ProcessResult,
): DeployError {
  const error = asDeployError(reason);
  const terraformMessage = isInterrupted()
    ? "Terraform was asked to stop (one SIGINT). It completes its current operations and " +
      "releases its lock; the post step waits for it."
    : terraformMessageOf(result);
  if (terraformMessage === undefined) return error;
  const { code, message, hint } = error;
  return new DeployError(
    { code, message: `${message}\n${terraformMessage}`, hint },
    { cause: error },
  );
}
