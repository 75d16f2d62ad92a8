// What moves the services: each gets its revision and its one update, all at the same time.

import { bounded } from "../aws/deadline.ts";
import type { OurDeployment } from "../ecs/deployment.ts";
import type { ObservedService } from "../ecs/observed.ts";
import { asDeployError } from "../errors.ts";
import { describeBreaker } from "../plan/service/service-settings.ts";
import type { ServicePlan } from "../plan/service-plan.ts";
import { describeChange } from "../report/log-lines.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ServiceEntry } from "../run/state.ts";
import { shortRevision } from "../text/format.ts";
import { type CancelPorts, type Fated, seeToCancelled, withFates } from "./cancel.ts";
import { begunOf } from "./describe-deployments.ts";
import {
  mayHaveBegun,
  ourDeployment,
  type Registrar,
  type StartPorts,
  startDeployment,
} from "./update-service.ts";

export async function register(
  entry: ServiceEntry,
  registrar: Registrar,
  reporter: Reporter,
): Promise<void> {
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

function reuseReason({ why, reuseArn, service }: ServicePlan): string {
  if (why !== undefined) return `as it is: ${why}`;
  return reuseArn === service.taskDefinitionArn
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
  const { plan, taskDefinitionArn = plan.reuseArn } = entry;
  const { deployment, is } = await sending(entry, () =>
    startDeployment({ plan, taskDefinitionArn, rebuilt }, ports),
  );
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
    is === "new"
      ? `has begun, ${describeBreaker(plan.settings)}`
      : "is under way already; this run joins it";
  reporter.info(`${plan.service.name}: deployment ${deployment.id} ${what}.`);
}

async function sending<Result>(entry: ServiceEntry, work: () => Promise<Result>): Promise<Result> {
  entry.updateSent = true;
  try {
    return await work();
  } catch (error) {
    entry.updateSent = mayHaveBegun(error);
    throw error;
  }
}

/** A cancel that comes while updates are on their way does not take them back: what has begun is looked for, and seen to as on-cancel says. */
export async function updateAll(
  moving: readonly ServiceEntry[],
  work: (entry: ServiceEntry) => Promise<void>,
  ports: CancelPorts,
): Promise<void> {
  try {
    await eachService(moving, work);
  } catch (error) {
    const open = moving.filter(({ conclusion }) => !conclusion);
    const fates = await Promise.all(open.map((entry) => seeToUpdate(entry, ports)));
    throw withFates(asDeployError(error), "Cancelled", fates);
  }
}

async function seeToUpdate(entry: ServiceEntry, ports: CancelPorts): Promise<Fated> {
  const { plan, taskDefinitionArn = plan.reuseArn } = entry;
  const named = { service: plan.service.name, taskDefinitionArn };
  if (!entry.deployment && !entry.updateSent)
    return { deployment: named, fate: { kind: "not-updated" } };
  const deployment = entry.deployment ?? (await findBegun(plan.service, taskDefinitionArn, ports));
  if (!deployment) return { deployment: named, fate: { kind: "not-seen" } };
  entry.deployment = deployment;
  return { deployment, fate: await seeToCancelled(deployment, ports) };
}

/** An update that was cut off may still be on its way: ECS is asked now, and a moment later. */
const looksForBegun = 3;
const pauseMilliseconds = 700;
const lookMilliseconds = 2_000;

async function findBegun(
  service: ObservedService,
  taskDefinitionArn: string,
  { ecs, clock }: CancelPorts,
): Promise<OurDeployment | undefined> {
  const earlierIds = service.deployments.map(({ id }) => id);
  for (let look = 1; look <= looksForBegun; look++) {
    const [now] = await bounded(lookMilliseconds, clock, (options) =>
      ecs.describeServices(service.clusterArn, [service.name], options),
    ).catch(() => []);
    const begun = now && begunOf(now.deployments, earlierIds, taskDefinitionArn);
    if (begun) return ourDeployment(service, begun, taskDefinitionArn);
    if (look < looksForBegun) await clock.sleep(pauseMilliseconds);
  }
  return undefined;
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
  const cancelled = (await Promise.allSettled(attempts)).find(
    ({ status }) => status === "rejected",
  );
  if (cancelled?.status === "rejected") throw cancelled.reason;
}
