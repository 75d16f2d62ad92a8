// `on-failure-of-one: rollback-all`: when one service fails, those that took the new revision go back to the one before, watched as any.

import type { Inputs } from "../inputs/schema.ts";
import type { Conclusion } from "../run/conclusion.ts";
import { isPass } from "../run/outcome.ts";
import type { ServiceEntry } from "../run/state.ts";
import { shortRevision } from "../text/format.ts";
import { type FollowPorts, followRollouts } from "./run-rollout.ts";
import { startDeployment } from "./update-service.ts";
import { eachService } from "./update-services.ts";

/** One has failed, and another has not. */
export function isMixed(entries: readonly ServiceEntry[]): boolean {
  return failedOf(entries).length > 0 && succeededOf(entries).length > 0;
}

export async function returnAll(
  entries: readonly ServiceEntry[],
  inputs: Inputs,
  ports: Omit<FollowPorts, "until">,
): Promise<void> {
  const because = failedOf(entries)
    .map(({ plan }) => plan.service.name)
    .join(", ");
  const pairs = succeededOf(entries).map((entry) => ({ entry, back: backwards(entry) }));
  const until = ports.clock.now() + inputs.waitForMinutes * 60_000;
  const silent = { ...ports.reporter, output: () => {} };
  for (const { entry, back } of pairs) {
    entry.takenBack = back;
    entry.conclusion = undefined;
  }
  await eachService(
    pairs.map(({ back }) => back),
    async (back) => {
      const start = { plan: back.plan, taskDefinitionArn: back.plan.reuseArn, rebuilt: false };
      const { deployment } = await startDeployment(start, { ...ports, ecs: ports.aws.ecs, until });
      back.deployment = deployment;
      ports.reporter.info(
        `${back.plan.service.name} goes back to ${shortRevision(back.plan.reuseArn)}, because ${because} failed.`,
      );
    },
  );
  const rolling = pairs.flatMap(({ back }) => (back.deployment ? [back] : []));
  if (rolling.length > 0)
    await followRollouts(rolling, inputs, {
      ...ports,
      image: undefined,
      until,
      tellerOf: () => silent,
    });
  for (const { entry, back } of pairs) entry.conclusion = concludeReturn(back, because);
}

/** The same service on its way to where it was. */
function backwards({ plan }: ServiceEntry): ServiceEntry {
  const { register: _register, ...rest } = plan;
  return {
    plan: {
      ...rest,
      reuseArn: plan.previousTaskDefinitionArn,
      settings: { ...plan.settings, forceNewDeployment: false },
    },
  };
}

function concludeReturn({ plan, conclusion }: ServiceEntry, because: string): Conclusion {
  const { name } = plan.service;
  const back = shortRevision(plan.reuseArn);
  const why = `because ${because} failed (on-failure-of-one: rollback-all)`;
  if (conclusion?.outcome === "succeeded") {
    const message = `Service ${name} had taken the new revision, but went back to ${back}, ${why}.`;
    return { outcome: "rolled-back", problem: { code: "RolledBack", message } };
  }
  const { message: end = "its end is not known.", hint } = conclusion?.problem ?? {};
  const message = `Service ${name} was to go back to ${back}, ${why}, and that did not end well: ${end}`;
  return {
    outcome: "failed",
    problem: { code: "RollbackFailed", message, ...(hint !== undefined && { hint }) },
  };
}

function failedOf(entries: readonly ServiceEntry[]): readonly ServiceEntry[] {
  return entries.filter(({ conclusion }) => conclusion && !isPass(conclusion.outcome));
}

/** A revision that is the same as before cannot be left. */
function succeededOf(entries: readonly ServiceEntry[]): readonly ServiceEntry[] {
  return entries.filter(
    ({ conclusion, plan, taskDefinitionArn }) =>
      conclusion?.outcome === "succeeded" && taskDefinitionArn !== plan.previousTaskDefinitionArn,
  );
}
