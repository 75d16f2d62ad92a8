// What moves the services: each gets its revision and its one update, all at the same time.

import { asDeployError, DeployError } from "../errors.ts";
import type { ServicePlan } from "../plan/plan.ts";
import { describeBreaker } from "../plan/service-settings.ts";
import type { ServiceEntry } from "../report/journal.ts";
import { describeChange } from "../report/log-lines.ts";
import type { Reporter } from "../report/reporter.ts";
import { shortRevision } from "../report/wording.ts";
import { type Registrar, type StartPorts, startDeployment } from "./start.ts";

export async function register(entry: ServiceEntry, registrar: Registrar, reporter: Reporter): Promise<void> {
  const { plan } = entry;
  const arn = await registrar(plan);
  entry.taskDefinitionArn = arn;
  for (const change of plan.changes) reporter.info(describeChange(change));
  reporter.info(
    plan.register
      ? `${plan.service.name}: ${shortRevision(plan.previousTaskDefinitionArn)} → ${shortRevision(arn)}`
      : `${plan.service.name}: ${shortRevision(arn)} ${reuseReason(plan)}`,
  );
  reporter.output("task-definition-arn", arn);
}

function reuseReason({ why, reuse, service }: ServicePlan): string {
  if (why !== undefined) return `as it is: ${why}`;
  return reuse === service.taskDefinitionArn
    ? "as it is, for nothing changes in it"
    : "as it is: it says all of that already";
}

/** @param rebuilt the image is new, maybe under its old name */
export async function update(
  entry: ServiceEntry,
  rebuilt: boolean,
  ports: StartPorts & { readonly reporter: Reporter },
): Promise<void> {
  const { reporter } = ports;
  const { plan, taskDefinitionArn = plan.reuse } = entry;
  const { deployment, is } = await sending(entry, () => startDeployment({ plan, taskDefinitionArn, rebuilt }, ports));
  entry.deployment = deployment;
  reporter.output("deployment-id", deployment.id);
  if (is === "settled") {
    const revision = shortRevision(taskDefinitionArn);
    reporter.info(
      `${plan.service.name}: the settings are changed; ${revision} runs already, so that starts no new deployment.`,
    );
    entry.conclusion = { outcome: "succeeded" };
    return;
  }
  const what =
    is === "new" ? `has begun, ${describeBreaker(plan.settings)}` : "is under way already; this run joins it";
  reporter.info(`${plan.service.name}: deployment ${deployment.id} ${what}.`);
}

/** A refusal says that nothing was changed; after anything else whether ECS accepted the update is unknown. */
async function sending<Result>(entry: ServiceEntry, work: () => Promise<Result>): Promise<Result> {
  entry.updateSent = true;
  try {
    return await work();
  } catch (error) {
    const { code } = asDeployError(error);
    entry.updateSent =
      code === "Cancelled" || code === "AwsUnavailable" || code === "RolloutUnwatched" || code === "Bug";
    throw error;
  }
}

/** A cancel that comes while the update is on its way does not take it back. */
export async function updateAll(
  moving: readonly ServiceEntry[],
  work: (entry: ServiceEntry) => Promise<void>,
): Promise<void> {
  try {
    await eachService(moving, work);
  } catch (error) {
    const { code, message } = asDeployError(error);
    const names = moving.map(
      ({ plan, taskDefinitionArn = "" }) => `${plan.service.name} → ${shortRevision(taskDefinitionArn)}`,
    );
    throw new DeployError(
      {
        code,
        message: `${message}\nThe rollout may have begun in ECS, unwatched: ${names.join(", ")}.`,
        hint: "Look at the deployments in the console, or run the job again: it joins what is under way.",
      },
      { cause: error },
    );
  }
}

/** One service that cannot be moved does not keep the others from being moved and watched. A cancel stops all. */
export async function eachService(
  entries: readonly ServiceEntry[],
  work: (entry: ServiceEntry) => Promise<void>,
): Promise<void> {
  const open = entries.filter(({ conclusion }) => !conclusion);
  const attempts = open.map(async (entry) => {
    try {
      await work(entry);
    } catch (error) {
      const { code, message, hint } = asDeployError(error);
      if (code === "Cancelled") throw error;
      entry.conclusion = {
        outcome: "failed",
        problem: {
          code,
          message: `${entry.plan.service.name}: ${message}`,
          ...(hint !== undefined && { hint }),
        },
      };
    }
  });
  const cancelled = (await Promise.allSettled(attempts)).find(({ status }) => status === "rejected");
  if (cancelled?.status === "rejected") throw cancelled.reason;
}
