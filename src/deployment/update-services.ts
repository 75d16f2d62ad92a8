// Updates the services: each gets its revision and its one update, all at the same time.

import { callWithTimeout } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import { callsTakeMilliseconds } from "../ecs/api-limits.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import type { ObservedService } from "../ecs/observed.ts";
import { asDeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { definedOnly, type JsonObject } from "../json.ts";
import { describeBreaker } from "../plan/service/service-settings.ts";
import type { ServicePlan } from "../plan/service-plan.ts";
import { describeChange } from "../report/log-lines.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ServiceRun } from "../run/state.ts";
import { retry } from "../timing/retry.ts";
import {
  type CancelPorts,
  handleCancelledRollout,
  type RolloutAtExit,
  withRolloutStates,
} from "./cancel.ts";
import { createService } from "./create-service.ts";
import { startedDeploymentIn } from "./describe-deployments.ts";
import type { RegisterRevision } from "./register-revision.ts";
import {
  mayHaveStarted,
  startDeployment,
  toOwnDeployment,
  type UpdatePorts,
} from "./update-service.ts";

/**
 * When the wait for these updates is over, in milliseconds since the Unix epoch: wait-for-minutes
 * after the last of them has had its turn.
 */
export function waitEnd(
  services: number,
  { waitForMinutes }: Pick<Inputs, "waitForMinutes">,
  clock: Clock,
): number {
  const lastTurn = clock.now() + callsTakeMilliseconds("ecs:UpdateService", services);
  return lastTurn + waitForMinutes * 60_000;
}

interface ServiceUpdatePorts extends UpdatePorts {
  readonly ecs: UpdatePorts["ecs"] & Pick<Ecs, "createExpressService" | "awaitUpdateTurn">;
  readonly reporter: Reporter;
}

export async function registerRevision(
  entry: ServiceRun,
  registerOnce: RegisterRevision,
  reporter: Reporter,
): Promise<void> {
  const { plan } = entry;
  const arn = await registerOnce(plan);
  entry.taskDefinitionArn = arn;
  for (const change of plan.changes) reporter.info(describeChange(change));
  reporter.info(
    plan.register
      ? `${plan.service.name}: ${shortRevision(plan.previousTaskDefinitionArn)} → ` +
          `${shortRevision(arn)}`
      : `${plan.service.name}: reusing ${shortRevision(arn)} (${reuseReason(plan)})`,
  );
  reporter.output("task-definition-arn", arn);
}

function reuseReason({ why, reuseArn, service }: ServicePlan): string {
  if (why !== undefined) return why;
  if (reuseArn === service.taskDefinitionArn) return "no changes";
  return "it has all of that already";
}

/** @param rebuilt the image is new, possibly under the same tag */
export async function updateAndReport(
  entry: ServiceRun,
  rebuilt: boolean,
  ports: ServiceUpdatePorts,
): Promise<void> {
  if (entry.plan.create) return createAndReport(entry, entry.plan.create, ports);
  const { reporter } = ports;
  const { plan, taskDefinitionArn = plan.reuseArn, latestService: service = plan.service } = entry;
  await ports.ecs.awaitUpdateTurn(ports.signal);
  const { deployment, kind } = await trackUpdateSent(entry, () =>
    startDeployment({ plan, service, taskDefinitionArn, rebuilt }, ports),
  );
  entry.deployment = deployment;
  reporter.output("deployment-id", deployment.id);
  if (kind === "settled") {
    const revision = shortRevision(taskDefinitionArn);
    reporter.info(
      `${plan.service.name}: the settings are changed; ${revision} is already running, so no ` +
        "new deployment was started.",
    );
    entry.conclusion = { outcome: "succeeded" };
    return;
  }
  const what =
    kind === "new"
      ? `has begun, ${describeBreaker(plan.settings)}`
      : "is already in progress; this run follows it";
  reporter.info(`${plan.service.name}: deployment ${deployment.id} ${what}.`);
}

async function createAndReport(
  entry: ServiceRun,
  create: JsonObject,
  ports: ServiceUpdatePorts,
): Promise<void> {
  const { reporter } = ports;
  const { plan, taskDefinitionArn } = entry;
  const request = { ...create, ...definedOnly({ taskDefinitionArn }) };
  reporter.info(`${plan.service.name}: creating the Express Mode service.`);
  const deployment = await trackUpdateSent(entry, () =>
    createService(plan.service, request, ports),
  );
  entry.deployment = deployment;
  entry.taskDefinitionArn = deployment.taskDefinitionArn;
  reporter.output("task-definition-arn", deployment.taskDefinitionArn);
  reporter.output("deployment-id", deployment.id);
  reporter.info(
    `${plan.service.name}: created; its first deployment ${deployment.id} has begun. The URL may ` +
      "take up to 25 minutes the first time.",
  );
}

async function trackUpdateSent<Result>(
  entry: ServiceRun,
  work: () => Promise<Result>,
): Promise<Result> {
  entry.updateSent = true;
  try {
    return await work();
  } catch (error) {
    entry.updateSent = mayHaveStarted(error);
    throw error;
  }
}

/**
 * A cancel while updates are being sent does not undo them: what has started is searched for, and
 * handled as on-cancel says.
 */
export async function updateServices(
  entries: readonly ServiceRun[],
  work: (entry: ServiceRun) => Promise<void>,
  ports: CancelPorts,
): Promise<void> {
  try {
    await forEachService(entries, work);
  } catch (error) {
    const open = entries.filter(({ conclusion }) => !conclusion);
    const states = await Promise.all(open.map((entry) => handleCancelledUpdate(entry, ports)));
    throw withRolloutStates(asDeployError(error), "Cancelled", states);
  }
}

async function handleCancelledUpdate(
  entry: ServiceRun,
  ports: CancelPorts,
): Promise<RolloutAtExit> {
  const { plan, taskDefinitionArn = plan.reuseArn } = entry;
  const target = { service: plan.service.name, taskDefinitionArn };
  if (!entry.deployment && !entry.updateSent)
    return { deployment: target, state: { kind: "not-updated" } };
  const deployment =
    entry.deployment ?? (await findStartedAfterCancel(plan.service, taskDefinitionArn, ports));
  if (!deployment) return { deployment: target, state: { kind: "not-seen" } };
  entry.deployment = deployment;
  return { deployment, state: await handleCancelledRollout(deployment, ports) };
}

/** An interrupted update may still arrive: ECS is read now, and again a moment later. */
const startedSearchAttempts = 3;
const startedSearchPauseMilliseconds = 700;
const startedSearchTimeoutMilliseconds = 2_000;

async function findStartedAfterCancel(
  service: ObservedService,
  taskDefinitionArn: string,
  { ecs, clock }: CancelPorts,
): Promise<OwnDeployment | undefined> {
  const earlierIds = service.deployments.map(({ id }) => id);
  const find = async () => {
    const [current] = await callWithTimeout(startedSearchTimeoutMilliseconds, clock, (options) =>
      ecs.describeServices(service.clusterArn, [service.name], options),
    ).catch(() => []);
    const started =
      current && startedDeploymentIn(current.deployments, earlierIds, taskDefinitionArn);
    if (started) return toOwnDeployment(service, started, taskDefinitionArn);
    return undefined;
  };
  const pauseAfter = (found: OwnDeployment | undefined, attempt: number) => {
    if (found || attempt === startedSearchAttempts) return undefined;
    return startedSearchPauseMilliseconds;
  };
  return retry(find, pauseAfter, { clock, signal: undefined });
}

/**
 * A service that cannot be updated does not stop the others from being updated and watched. A
 * cancel stops all.
 */
export async function forEachService(
  entries: readonly ServiceRun[],
  work: (entry: ServiceRun) => Promise<void>,
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
          hint,
        },
      };
    }
  });
  const cancelled = (await Promise.allSettled(attempts)).find(
    ({ status }) => status === "rejected",
  );
  if (cancelled?.status === "rejected") throw cancelled.reason;
}
