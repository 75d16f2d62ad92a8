// `on-failure-of-one: rollback-all`: when one service fails, those that have the new revision are
// rolled back to the previous one, and watched like any deployment.

import { shortRevision } from "../ecs/arn.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { Conclusion } from "../run/conclusion.ts";
import { isPass } from "../run/outcome.ts";
import { hasStarted, newService, type ServiceRun } from "../run/state.ts";
import { type RolloutPorts, watchAndConclude } from "./run-rollout.ts";
import { startDeployment } from "./update-service.ts";
import { forEachService } from "./update-services.ts";

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
  const pairs = succeededOf(entries).map((entry) => ({ entry, rollback: toRollbackRun(entry) }));
  const until = ports.clock.now() + inputs.waitForMinutes * 60_000;
  const silent = { ...ports.reporter, output: () => {} };
  for (const { entry, rollback } of pairs) {
    entry.rollbackRun = rollback;
    entry.conclusion = undefined;
  }
  await forEachService(
    pairs.map(({ rollback }) => rollback),
    async (rollback) => {
      const start = {
        plan: rollback.plan,
        service: rollback.plan.service,
        taskDefinitionArn: rollback.plan.reuseArn,
        rebuilt: false,
      };
      const { deployment } = await startDeployment(start, { ...ports, ecs: ports.aws.ecs, until });
      rollback.deployment = deployment;
      ports.reporter.info(
        `${rollback.plan.service.name} is rolled back to ` +
          `${shortRevision(rollback.plan.reuseArn)}, because ${failedNames} failed.`,
      );
    },
  );
  const rolling = pairs.map(({ rollback }) => rollback).filter(hasStarted);
  const untilCompleted = { ...inputs, waitUntil: undefined };
  if (rolling.length > 0)
    await watchAndConclude(rolling, untilCompleted, {
      ...ports,
      image: undefined,
      until,
      reporterFor: () => silent,
    });
  for (const { entry, rollback } of pairs)
    entry.conclusion = concludeRollback(rollback, failedNames);
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

function concludeRollback({ plan, conclusion }: ServiceRun, failedNames: string): Conclusion {
  const { name } = plan.service;
  const revision = shortRevision(plan.reuseArn);
  const why = `because ${failedNames} failed (on-failure-of-one: rollback-all)`;
  if (conclusion?.outcome === "succeeded") {
    const message = `Service ${name} was deployed successfully, but was rolled back to ${revision}, ${why}.`;
    return { outcome: "rolled-back", problem: { code: "RolledBack", message } };
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
