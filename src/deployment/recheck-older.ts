// Whether another run has deployed a newer commit since this run planned: read again before the
// update.

import type { AwsSession } from "../aws/session.ts";
import { DeployError } from "../errors.ts";
import type { RegistryPorts } from "../image/registry.ts";
import type { Inputs } from "../inputs/schema.ts";
import { observeRunningLabels } from "../observe/observe-running-labels.ts";
import { observeServices } from "../observe/observe-services.ts";
import { toSingleError } from "../plan/check-targets.ts";
import { blockingProblems, type PlanFinding } from "../plan/findings.ts";
import type { ImagePlan } from "../plan/image/image.ts";
import { checkOlderCommit, type RunningDraft, uncheckedOlder } from "../plan/image/older-commit.ts";
import type { Observed } from "../plan/observed.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import { reportFindings } from "../reporter/findings.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ServiceRun } from "../run/state.ts";

export interface OlderCheck {
  /** undefined: a rollback, which is not compared. */
  readonly image: ImagePlan | undefined;
  readonly observed: Observed;
  readonly registry: RegistryPorts;
}

interface RecheckPorts {
  readonly ecs: AwsSession["ecs"];
  readonly reporter: Reporter;
}

/** The preflight has made the same check; this one must not delay the update for long. */
const readOptions = { retryForMilliseconds: 5_000 };

/**
 * One read of the services; more only if one of them has another deployment than at the plan.
 * @throws DeployError `OlderCommit` with `on-older: fail`
 */
export async function recheckOlderCommit(
  entries: readonly ServiceRun[],
  inputs: Inputs,
  older: OlderCheck,
  ports: RecheckPorts,
): Promise<void> {
  const findings = await findOlder(entries, inputs, older, ports);
  const problems = blockingProblems(findings).map((problem) => ({ ...problem, hint: tooLateHint }));
  const error = toSingleError(problems);
  if (error) throw error;
  reportFindings({ findings }, ports.reporter);
}

const tooLateHint =
  "Another run deployed the newer commit after this run had begun. No service was updated; the " +
  "image that this run built stays in the repository. Give the workflow a `concurrency` group. To " +
  "deploy the older commit anyway: `rollback`, `to`, or `on-older: warn`.";

/** A read that fails is a check that was not made. */
async function findOlder(
  entries: readonly ServiceRun[],
  inputs: Inputs,
  { image, observed, registry }: OlderCheck,
  { ecs }: RecheckPorts,
): Promise<readonly PlanFinding[]> {
  try {
    const changed = await readChanged(entries, inputs, ecs);
    const before = { ...observed, runningImages: {} };
    const runningLabels = await observeRunningLabels(inputs, before, changed, { ecs, registry });
    return checkOlderCommit(inputs, { ...observed, runningLabels }, changed, image);
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
    return [uncheckedOlder(error.message)];
  }
}

/**
 * The services that have another deployment now, with the revision that it deploys. What was read is
 * kept: it is what the update replaces, and what runs if there is none.
 */
async function readChanged(
  entries: readonly ServiceRun[],
  inputs: Inputs,
  ecs: AwsSession["ecs"],
): Promise<readonly RunningDraft[]> {
  const { services } = await observeServices(inputs, ecs, readOptions);
  const changed = entries.flatMap((entry) => {
    const { service: planned, container } = entry.plan;
    const now = services.find(({ observed }) => observed?.arn === planned.arn)?.observed;
    if (!now || primaryDeploymentOf(now)?.id === primaryDeploymentOf(planned)?.id) return [];
    entry.latestService = now;
    return [{ service: now, containers: [container] }];
  });
  return Promise.all(
    changed.map(async (draft) => ({
      ...draft,
      running: await ecs.describeTaskDefinition(draft.service.taskDefinitionArn),
    })),
  );
}
