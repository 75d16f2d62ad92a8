// The second half of the story where Terraform moves the services: plan, migrate, apply, and hear from ECS how it went.

import { asDeployError, DeployError } from "../errors.ts";
import type { ProcessResult } from "../process/run-process.ts";
import { shortRevision } from "../text/format.ts";
import { beginApply } from "./apply.ts";
import type { PlannedRun } from "./cli.ts";
import { conclude, sayingOf } from "./conclude-apply.ts";
import { containerRunning, runsOurs } from "./find-deployment.ts";
import { concludeUnmoved, followNew } from "./follow-services.ts";
import { type PlanPorts, planAndCheck } from "./plan.ts";
import { containersWith } from "./plan-checks.ts";
import type { Attended } from "./supervise.ts";
import type { TerraformDeployment } from "./terraform-deployment.ts";

/**
 * Afterwards each service has its conclusion, from ECS, whatever Terraform said.
 * @throws DeployError when Terraform could not do all that it planned, or nothing at all
 */
export async function deployWithTerraform(run: TerraformDeployment): Promise<void> {
  const { phase, services } = run;
  const planned = await phase("Plan with Terraform", () => planAndCheck(plansOf(run)));
  const rest = await migrateFirst(planned, run);
  if (!rest.changes) {
    run.reporter.info("Terraform has nothing to change.");
    for (const service of services) await concludeUnmoved(service, "whole", run);
    return;
  }
  await phase("Apply with Terraform, and watch ECS", () => applyAndWatch(rest, run));
}

function plansOf(run: TerraformDeployment): PlanPorts {
  return { ...run, image: { reference: run.reference, value: run.value } };
}

/**
 * Migrations run with the very revision that is deployed after them. Terraform registers it ahead of everything else, so that it stays the
 * only one that does. A service that is not there yet has no network for a task: its turn comes when Terraform has created it.
 */
async function migrateFirst(planned: PlannedRun, run: TerraformDeployment): Promise<PlannedRun> {
  const { inputs, journal, phase, definitions, reference } = run;
  const entries = journal.services;
  if (!inputs.preDeployCommand || !planned.changes || entries.length === 0) return planned;
  const running = entries.map(({ plan }) => definitions[plan.service.taskDefinitionArn]);
  if (running.every((definition) => definition && containerRunning(definition, reference)))
    return planned;
  await phase("Register the task definition with Terraform", () => registerAhead(planned, run));
  await run.migrate(entries);
  return phase("Plan with Terraform what is left", () => planAndCheck(plansOf(run)));
}

async function registerAhead(planned: PlannedRun, run: TerraformDeployment): Promise<void> {
  const { aws, reference, journal, session, reporter } = run;
  const ours = [...new Set(containersWith(planned.view, reference).map(({ address }) => address))];
  const targets = ours.length > 0 ? ours : planned.view.unknownContainers;
  const ahead = targets.length > 0 ? await planAndCheck(plansOf(run), targets) : undefined;
  if (ahead?.changes) {
    const apply = await beginApply(ahead, { ...run, ...session });
    const result = await apply.ended.catch((reason: unknown) => {
      throw interrupted(reason, apply);
    });
    session.terraform.judge(result, "The service was not touched.");
  }
  for (const entry of journal.services) {
    const family = shortRevision(entry.plan.service.taskDefinitionArn).replace(/:\d+$/, "");
    const newest = await runsOurs(family, reference, aws.ecs);
    if (!newest)
      throw new DeployError({
        code: "TerraformImageUnplanned",
        message: `The newest revision of ${family} does not run ${reference}, so that pre-deploy-command has no revision to run with.`,
        hint: "The service was not touched. Does the root give the task definition another family than the one that the service runs?",
      });
    entry.taskDefinitionArn = newest.definition.arn;
    reporter.info(`${family}: ${shortRevision(newest.definition.arn)}`);
  }
}

async function applyAndWatch(planned: PlannedRun, run: TerraformDeployment): Promise<void> {
  const { session, services, journal } = run;
  const terraformTold = (applied: "begun" | "whole" | "failed") => {
    if (journal.terraform) journal.terraform = { ...journal.terraform, applied };
  };
  const apply = await beginApply(planned, { ...run, ...session });
  terraformTold("begun");
  for (const entry of journal.services) entry.updateSent = true;
  const courses = services.map((service) => followNew(service, apply.standing, run));
  const [ended, ...followed] = await Promise.allSettled([apply.ended, ...courses]);
  const result = ended.status === "fulfilled" ? ended.value : undefined;
  if (result) terraformTold(result.exitCode === 0 ? "whole" : "failed");
  for (const course of followed)
    if (course.status === "rejected") throw interrupted(course.reason, apply, result);
  if (ended.status === "rejected") throw interrupted(ended.reason, apply);
  await conclude(ended.value, run);
}

/** The run was cancelled while Terraform was at work, or AWS is out of reach: then Terraform may have met that, too. */
function interrupted(
  reason: unknown,
  { isInterrupted }: Attended,
  result?: ProcessResult,
): DeployError {
  const error = asDeployError(reason);
  const more = isInterrupted()
    ? "Terraform was asked to stop (SIGINT, once). It finishes what it is at and gives its lock back; the post step waits for it."
    : sayingOf(result);
  if (more === undefined) return error;
  const { code, message, hint } = error;
  return new DeployError(
    { code, message: `${message}\n${more}`, ...(hint !== undefined && { hint }) },
    { cause: error },
  );
}
