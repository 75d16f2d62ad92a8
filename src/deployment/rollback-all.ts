// Rolls back services whose deployment has ended: because another service failed
// (`on-failure-of-one: rollback-all`), or the verification. Each gets its previous revision with one
// update, and is watched like any deployment.

import { callWithTimeout } from "../aws/deadline.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { ObservedService } from "../ecs/observed.ts";
import { DeployError, type ErrorCode } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import type { Conclusion } from "../run/conclusion.ts";
import { isPass } from "../run/outcome.ts";
import { hasStarted, newService, type ServiceRun } from "../run/state.ts";
import { type RolloutPorts, watchAndConclude } from "./run-rollout.ts";
import { startDeployment } from "./update-service.ts";
import { forEachService, waitEnd } from "./update-services.ts";

interface RollbackReason {
  /** `clockko-worker failed` */
  readonly reason: string;
  /** The input that asks for it: `on-failure-of-one: rollback-all`. */
  readonly input: string;
  /** Of a service that was rolled back. */
  readonly code: ErrorCode;
}

/** AWS itself may be what does not respond. */
const readMilliseconds = 60_000;

/** One has failed, and another has not. */
export function hasPartialFailure(entries: readonly ServiceRun[]): boolean {
  return failedOf(entries).length > 0 && succeededOf(entries).length > 0;
}

export async function rollbackAll(
  entries: readonly ServiceRun[],
  inputs: Inputs,
  ports: Omit<RolloutPorts, "until">,
): Promise<void> {
  const failedNames = failedOf(entries)
    .map(({ plan }) => plan.service.name)
    .join(", ");
  const because = {
    reason: `${failedNames} failed`,
    input: "on-failure-of-one: rollback-all",
    code: "RolledBack",
  } as const;
  await rollBackServices(succeededOf(entries), because, inputs, {
    ...ports,
    openPauseVerifier: undefined,
  });
}

/**
 * Afterwards each of these services has the conclusion of its rollback.
 * @param ports `openPauseVerifier` is that of the rollbacks
 */
export async function rollBackServices(
  entries: readonly ServiceRun[],
  because: RollbackReason,
  inputs: Inputs,
  ports: Omit<RolloutPorts, "until">,
): Promise<void> {
  const pairs = entries.map((entry) => ({ entry, rollback: toRollbackRun(entry) }));
  const until = waitEnd(pairs.length, inputs, ports.clock);
  const silent = { ...ports.reporter, output: () => {} };
  for (const { entry, rollback } of pairs) {
    entry.rollbackRun = rollback;
    entry.rollbackReason = because.reason;
    entry.conclusion = undefined;
  }
  const postState = neverRolledBack(ports.postState);
  const deploymentIds = new Map(
    pairs.map(({ entry, rollback }) => [rollback, entry.deployment?.id] as const),
  );
  await forEachService(
    pairs.map(({ rollback }) => rollback),
    async (rollback) => {
      const start = {
        plan: rollback.plan,
        service: await readUnchangedService(rollback, deploymentIds.get(rollback), ports),
        taskDefinitionArn: rollback.plan.reuseArn,
        rebuilt: false,
      };
      await ports.aws.ecs.awaitUpdateTurn(ports.signal);
      const { deployment } = await startDeployment(start, {
        ...ports,
        ecs: ports.aws.ecs,
        until,
        postState,
      });
      rollback.deployment = deployment;
      ports.reporter.info(
        `${rollback.plan.service.name} is rolled back to ` +
          `${shortRevision(rollback.plan.reuseArn)}, because ${because.reason}.`,
      );
    },
  );
  const rolling = pairs.map(({ rollback }) => rollback).filter(hasStarted);
  if (rolling.length > 0)
    await watchAndConclude(rolling, untilCompleted(inputs), {
      ...ports,
      postState,
      image: undefined,
      until,
      reporterFor: () => silent,
    });
  for (const { entry, rollback } of pairs) entry.conclusion = concludeRollback(rollback, because);
}

/**
 * The service as it is now.
 * @throws DeployError `RolloutSuperseded` if another user has deployed to it since
 */
async function readUnchangedService(
  { plan: { service } }: ServiceRun,
  deploymentId: string | undefined,
  { aws, clock }: Pick<RolloutPorts, "aws" | "clock">,
): Promise<ObservedService> {
  const [current = service] = await callWithTimeout(readMilliseconds, clock, (options) =>
    aws.ecs.describeServices(service.clusterArn, [service.name], options),
  );
  const primary = primaryDeploymentOf(current);
  if (primary?.id === deploymentId) return current;
  const revision = shortRevision(primary?.taskDefinitionArn ?? "");
  throw new DeployError({
    code: "RolloutSuperseded",
    message:
      `another deployment has started since (${revision}, ${primary?.id}), and a rollback would ` +
      "replace it.",
    hint: "Find out whether that deployment is good, and roll back by hand if it is not.",
  });
}

/** A rollback that were rolled back would end with the version that has failed. */
function untilCompleted(inputs: Inputs): Inputs {
  return { ...inputs, waitUntil: undefined, onTimeout: "leave", onCancel: "leave" };
}

function neverRolledBack({
  rolloutInProgress,
  rolloutEnded,
}: RolloutPorts["postState"]): RolloutPorts["postState"] {
  return {
    rolloutInProgress: (rollout) => rolloutInProgress({ ...rollout, leftToEcs: true }),
    rolloutEnded,
  };
}

/** The same service, on its way to its previous revision. */
function toRollbackRun({ plan }: ServiceRun): ServiceRun {
  const { register: _register, ...rest } = plan;
  return newService({
    ...rest,
    reuseArn: plan.previousTaskDefinitionArn,
    settings: { ...plan.settings, forceNewDeployment: false },
  });
}

function concludeRollback(
  { plan, conclusion }: ServiceRun,
  { reason, input, code }: RollbackReason,
): Conclusion {
  const { name } = plan.service;
  const revision = shortRevision(plan.reuseArn);
  const why = `because ${reason} (${input})`;
  if (conclusion?.outcome === "succeeded") {
    const message = `Service ${name} was deployed successfully, but was rolled back to ${revision}, ${why}.`;
    return { outcome: "rolled-back", problem: { code, message } };
  }
  const { message: end = "its result is unknown.", hint } = conclusion?.problem ?? {};
  const message =
    `Service ${name} was to be rolled back to ${revision}, ${why}, but the rollback did not ` +
    `succeed: ${end}`;
  return {
    outcome: "failed",
    problem: { code: "RollbackFailed", message, hint },
  };
}

function failedOf(entries: readonly ServiceRun[]): readonly ServiceRun[] {
  return entries.filter(({ conclusion }) => conclusion && !isPass(conclusion.outcome));
}

/** A service whose revision did not change cannot be rolled back. */
function succeededOf(entries: readonly ServiceRun[]): readonly ServiceRun[] {
  return entries.filter(
    ({ conclusion, plan, taskDefinitionArn }) =>
      conclusion?.outcome === "succeeded" && taskDefinitionArn !== plan.previousTaskDefinitionArn,
  );
}
