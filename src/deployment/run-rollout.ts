// After UpdateService: watch to the end, gather what explains a failure, conclude. Nothing ends here without saying what goes on in ECS.

import { isAccessDenied } from "../aws/aws-errors.ts";
import { within } from "../aws/deadline.ts";
import type { AwsSession } from "../aws/session.ts";
import type { Clock } from "../clock.ts";
import { describeMismatch, diagnose } from "../diagnosis/diagnosis.ts";
import { gatherEvidence, pieceMilliseconds } from "../diagnosis/evidence.ts";
import { type ExpectedImage, findMismatch } from "../diagnosis/verify-digest.ts";
import type { OurDeployment } from "../ecs/deployment.ts";
import { asDeployError, DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { describeDiagnosis } from "../report/log-lines.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ProvidedImage } from "../run/image.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";
import type { ServiceEntry } from "../run/state.ts";
import type { PostStateWriter } from "../runtime/runtime.ts";
import { type Fated, seeToCancelled, withFates } from "./cancel.ts";
import { conclude, isFullyShifted } from "./conclusion.ts";
import { describeSuperseder } from "./superseding-deployment.ts";
import { watchRollouts } from "./watch.ts";

export interface FollowPorts {
  readonly aws: Pick<AwsSession, "ecs" | "logs" | "ecsAfterCancel">;
  /** What the services are to run; undefined: what ran before. */
  readonly image: ProvidedImage | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Takes the outputs of one service: those of the first are the step's. */
  readonly tellerOf: (entry: ServiceEntry) => Reporter;
  readonly postState: Pick<PostStateWriter, "rolloutInProgress" | "rolloutEnded">;
  /** When the wait is over, in milliseconds since the Unix epoch: wait-for-minutes after the updates were sent. */
  readonly until: number;
}

/** Watches the deployments of these services; each entry has its conclusion afterwards. */
export async function followRollouts(
  rolling: readonly ServiceEntry[],
  inputs: Inputs,
  ports: FollowPorts,
): Promise<void> {
  const ends = await watch(rolling, inputs, ports);
  const explained = ends.map(async (end) => {
    const entry = rolling.find(({ deployment }) => deployment?.id === end.deployment.id);
    if (entry) await explain(entry, end, inputs, ports);
  });
  await Promise.all(explained);
}

/** Nobody watches: the update was accepted, and that is all that is known. */
export function leaveUnwatched(rolling: readonly ServiceEntry[], reporter: Reporter): void {
  for (const entry of rolling)
    entry.conclusion = { outcome: "succeeded", reasonCode: "NotWatched" };
  reporter.notice(
    "ECS has accepted the update; whether the new tasks are any good is not known, for wait-for-service-stability is false.",
  );
}

async function watch(
  rolling: readonly ServiceEntry[],
  inputs: Inputs,
  ports: FollowPorts,
): Promise<readonly RolloutEnd[]> {
  const { aws, tellerOf, postState, until } = ports;
  const deployments = () => rolling.flatMap(({ deployment }) => deployment ?? []);
  const identified = (deployment: OurDeployment) => {
    for (const entry of rolling.filter((one) => one.deployment?.id === deployment.id)) {
      entry.deployment = deployment;
      tellerOf(entry).output("service-deployment-arn", deployment.serviceDeploymentArn ?? "");
    }
    postState.rolloutInProgress(deployment);
  };
  for (const deployment of deployments()) postState.rolloutInProgress(deployment);
  const policy = {
    until,
    waitMinutes: inputs.waitForMinutes,
    onTimeout: inputs.onTimeout,
    failAfterFailedTasks: inputs.failAfterFailedTasks,
  };
  try {
    const ends = await watchRollouts(deployments(), policy, {
      ...ports,
      source: aws.ecs,
      identified,
    });
    for (const { deployment, verdict } of ends)
      if (verdict.kind !== "undecided") postState.rolloutEnded(deployment);
    return ends;
  } catch (error) {
    throw await interrupted(asDeployError(error), deployments(), inputs, ports);
  }
}

/** The watch broke off: the run was cancelled, or something happened that nobody foresaw. Says what goes on, and does what on-cancel asks. */
async function interrupted(
  error: DeployError,
  deployments: readonly OurDeployment[],
  { onCancel }: Inputs,
  { aws, clock, postState }: FollowPorts,
): Promise<DeployError> {
  if (error.code !== "Cancelled")
    return withFates(error, "RolloutUnwatched", deployments.map(unwatched));
  const ports = { ecs: aws.ecsAfterCancel, clock, onCancel, postState };
  const fates = await Promise.all(
    deployments.map(async (deployment) => ({
      deployment,
      fate: await seeToCancelled(deployment, ports),
    })),
  );
  return withFates(error, "Cancelled", fates);
}

function unwatched(deployment: OurDeployment): Fated {
  return { deployment, fate: { kind: "unknown" } };
}

async function explain(
  entry: ServiceEntry,
  end: RolloutEnd,
  inputs: Inputs,
  { aws, image, clock, reporter }: FollowPorts,
): Promise<void> {
  entry.end = end;
  const { container } = entry.plan;
  const expected = image && { container, reference: image.reference, digest: image.digest };
  switch (end.verdict.kind) {
    case "succeeded":
      if (expected) await warnOfOtherImage(end, expected, { aws, clock, reporter });
      break;
    case "superseded":
    case "gone":
      break;
    default:
      // What cannot be read at all, or is good as far as it has come, has no cause to look for.
      if (end.blind || isFullyShifted(end)) break;
      entry.diagnosis = diagnose(
        await gatherEvidence(
          { end, region: inputs.awsRegion, ...(expected && { expected }) },
          { ...aws, clock },
        ),
      );
      for (const line of describeDiagnosis(end.deployment.service, entry.diagnosis))
        reporter.info(line);
  }
  entry.conclusion = conclude({
    end,
    previousTaskDefinitionArn: entry.plan.previousTaskDefinitionArn,
    diagnosis: entry.diagnosis,
    waitMinutes: inputs.waitForMinutes,
    onSuperseded: inputs.onSuperseded,
    superseder: await describeSuperseder(end, aws.ecs),
  });
  if (entry.conclusion.notice !== undefined) reporter.notice(entry.conclusion.notice);
}

/** One cheap call to be sure that what is healthy is what this step provided. Not knowing changes no verdict. */
async function warnOfOtherImage(
  end: RolloutEnd,
  expected: ExpectedImage,
  { aws, clock, reporter }: Pick<FollowPorts, "aws" | "clock" | "reporter">,
): Promise<void> {
  try {
    const mismatch = await within(pieceMilliseconds, clock, (options) =>
      findMismatch(end, expected, aws.ecs, options),
    );
    if (mismatch) reporter.warning(describeMismatch(mismatch));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const line = `Which digest ECS resolved the image to could not be looked up: ${why}`;
    if (error instanceof DeployError && isAccessDenied(error))
      reporter.notice(`${line}\n${error.hint}`);
    else reporter.info(line);
  }
}
