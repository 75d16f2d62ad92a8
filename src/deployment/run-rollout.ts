// After UpdateService: watches to the end, gathers evidence of a failure, concludes. However it
// ends, it reports what continues in ECS.

import { isAccessDenied } from "../aws/aws-errors.ts";
import { batchRevisions } from "../aws/batch-revisions.ts";
import type { AwsSession } from "../aws/session.ts";
import type { Clock } from "../clock.ts";
import { describeDigestMismatch } from "../diagnosis/digest-mismatch.ts";
import {
  evidenceTimeoutMilliseconds,
  expectedImages,
  findDigestMismatches,
  readTargetRevision,
} from "../diagnosis/verify-digest.ts";
import { chunks } from "../ecs/chunks.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import { type ExpressInfrastructure, isExpressService } from "../ecs/express.ts";
import { asDeployError, DeployError, messageOf } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { ContainerImage } from "../plan/image/image.ts";
import { describeDiagnosis } from "../report/log-lines.ts";
import { type HeartbeatReporter, withHeartbeat } from "../reporter/heartbeat.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ProvidedImage } from "../run/image.ts";
import type { FailedVerification, RolloutEnd } from "../run/rollout-end.ts";
import type { ServiceRun, StartedRun } from "../run/state.ts";
import type { PostStateWriter } from "../runtime/runtime.ts";
import { withDeadline } from "../timing/deadline.ts";
import { handleCancelledRollout, type RolloutAtExit, withRolloutStates } from "./cancel.ts";
import { concludeAnswer, isRollbackAsAsked } from "./conclude-answer.ts";
import { concludeCreation } from "./conclude-creation.ts";
import { concludeRollout, isTrafficShifted } from "./conclusion.ts";
import { awaitInfrastructure, findServiceUrl } from "./express-infrastructure.ts";
import type { OpenPauseVerifier } from "./pause-verdict.ts";
import { describeSupersedingDeployment } from "./superseding-deployment.ts";
import { watchRollouts } from "./watch.ts";

export interface RolloutPorts {
  readonly aws: Pick<AwsSession, "ecs" | "logs" | "ecsAfterCancel">;
  /** What the services will run; undefined: what ran before. */
  readonly image: ProvidedImage | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** The reporter of one service: the outputs of the first service are those of the step. */
  readonly reporterFor: (entry: ServiceRun) => Reporter;
  readonly postState: Pick<PostStateWriter, "rolloutInProgress" | "rolloutEnded">;
  /**
   * When the wait is over, in milliseconds since the Unix epoch: wait-for-minutes after the updates
   * were sent.
   */
  readonly until: number;
  /** Verifies the new version while its deployment waits at a PAUSE hook. */
  readonly openPauseVerifier?: OpenPauseVerifier | undefined;
  /** The new version has failed its verification: the rollback is requested at once. */
  readonly failedVerification?: FailedVerification | undefined;
}

/** The evidence of so many failures can be read within its time at the pace of the calls. */
const concludedAtOnce = 20;

/** Watches the deployments of these services; afterwards each entry has its conclusion. */
export async function watchAndConclude(
  rolling: readonly StartedRun[],
  inputs: Inputs,
  ports: RolloutPorts,
): Promise<void> {
  await withHeartbeat(ports.reporter, ports.clock, async (reporter) => {
    const ended = await watchDeployments(rolling, inputs, ports, reporter);
    const aws = { ...ports.aws, ecs: batchRevisions(ports.aws.ecs) };
    for (const group of chunks(ended, concludedAtOnce))
      await Promise.all(
        group.map(({ run, end }) => concludeService(run, end, inputs, { ...ports, aws, reporter })),
      );
  });
}

/** The deployment is not watched: only the accepted update is known. */
export function skipWait(rolling: readonly ServiceRun[], reporter: Reporter): void {
  for (const entry of rolling)
    entry.conclusion = { outcome: "succeeded", reasonCode: "NotWatched" };
  reporter.notice(
    "ECS accepted the update. Whether the new tasks are healthy is unknown, because " +
      "wait-for-service-stability is false.",
  );
}

async function watchDeployments(
  rolling: readonly StartedRun[],
  inputs: Inputs,
  ports: RolloutPorts,
  reporter: HeartbeatReporter,
): Promise<readonly { readonly run: StartedRun; readonly end: RolloutEnd }[]> {
  const { aws, reporterFor, postState, until } = ports;
  const onIdentified = (deployment: OwnDeployment) => {
    for (const entry of rolling.filter((candidate) => candidate.deployment === deployment))
      reporterFor(entry).output("service-deployment-arn", deployment.serviceDeploymentArn ?? "");
    postState.rolloutInProgress(deployment);
  };
  for (const { deployment } of rolling) postState.rolloutInProgress(deployment);
  const policy = {
    until,
    waitMinutes: inputs.waitForMinutes,
    onTimeout: inputs.onTimeout,
    failAfterFailedTasks: inputs.failAfterFailedTasks,
    waitUntil: inputs.waitUntil,
    failedVerification: ports.failedVerification,
  };
  try {
    const { clock, random, signal } = ports;
    const ended = await watchRollouts(rolling, policy, {
      source: aws.ecs,
      clock,
      random,
      signal,
      reporter,
      onIdentified,
      openPauseVerifier: ports.openPauseVerifier,
    });
    for (const { run, end } of ended) recordEnd(run.deployment, end, postState);
    return ended;
  } catch (error) {
    const deployments = rolling.map(({ deployment }) => deployment);
    throw await interruptedRollout(asDeployError(error), deployments, inputs, ports);
  }
}

function recordEnd(
  deployment: OwnDeployment,
  { verdict }: RolloutEnd,
  postState: RolloutPorts["postState"],
): void {
  if (verdict.kind === "undecided") return;
  if (verdict.kind === "reached-stage")
    postState.rolloutInProgress({ ...deployment, leftToEcs: true });
  else postState.rolloutEnded(deployment);
}

/**
 * The watch was interrupted: the run was cancelled, or an unexpected error occurred. Reports what
 * continues, and does what on-cancel says.
 */
async function interruptedRollout(
  error: DeployError,
  deployments: readonly OwnDeployment[],
  { onCancel }: Inputs,
  { aws, clock, postState }: RolloutPorts,
): Promise<DeployError> {
  if (error.code !== "Cancelled")
    return withRolloutStates(error, "WatchInterrupted", deployments.map(withUnknownState));
  const ports = { ecs: aws.ecsAfterCancel, clock, onCancel, postState };
  const states = await Promise.all(
    deployments.map(async (deployment) => ({
      deployment,
      state: await handleCancelledRollout(deployment, ports),
    })),
  );
  return withRolloutStates(error, "Cancelled", states);
}

function withUnknownState(deployment: OwnDeployment): RolloutAtExit {
  return { deployment, state: { kind: "unknown" } };
}

async function concludeService(
  entry: StartedRun,
  end: RolloutEnd,
  inputs: Inputs,
  ports: RolloutPorts,
): Promise<void> {
  const { aws, image, clock, reporter } = ports;
  entry.end = end;
  const expected = image ? expectedImages(entry.plan, image) : [];
  switch (end.verdict.kind) {
    case "succeeded":
    case "reached-stage":
      if (image) await warnIfDigestDiffers(end, expected, { aws, clock, reporter });
      entry.infrastructure = await expressInfrastructure(end, ports);
      break;
    case "superseded":
    case "gone":
      break;
    default:
      // An unreadable deployment, one that has been successful so far and one whose reason is known
      // have no cause to find.
      if (end.outage || isTrafficShifted(end) || hasKnownReason(entry, end)) break;
      entry.diagnosis = await (await import("../diagnosis/explain-rollout.ts")).explainRollout(
        { deployment: entry.deployment, end, region: inputs.awsRegion, expected },
        { ecs: aws.ecs, logs: aws.logs, clock },
      );
      entry.infrastructure = entry.diagnosis.infrastructure;
      for (const line of describeDiagnosis(entry.deployment.service, entry.diagnosis))
        reporter.info(line);
  }
  await reportUrl(entry, inputs, ports);
  entry.conclusion = concludeRollout({
    infrastructure: entry.infrastructure,
    deployment: entry.deployment,
    end,
    previousTaskDefinitionArn: entry.plan.previousTaskDefinitionArn,
    diagnosis: entry.diagnosis,
    waitMinutes: inputs.waitForMinutes,
    onSuperseded: inputs.onSuperseded,
    supersededBy: await describeSupersedingDeployment(end, aws.ecs),
  });
  if (entry.plan.create) entry.conclusion = concludeCreation(entry, entry.conclusion);
  entry.conclusion = concludeAnswer(entry, end, entry.conclusion);
  if (entry.conclusion.notice !== undefined) reporter.notice(entry.conclusion.notice);
}

/** The step itself has ended it, and knows why. */
function hasKnownReason(entry: ServiceRun, end: RolloutEnd): boolean {
  const { gaveUp } = end;
  if (isRollbackAsAsked(entry, end)) return true;
  return gaveUp?.reason === "verification-failed" || gaveUp?.reason === "pause-not-answered";
}

/** Only of Express Mode services. */
async function reportUrl(
  entry: StartedRun,
  { verifyUrl }: Inputs,
  { aws, clock, reporter, reporterFor }: RolloutPorts,
): Promise<void> {
  const { service } = entry.plan;
  if (!isExpressService(service)) return;
  const ports = { ecs: aws.ecs, clock, reporter };
  entry.url = await findServiceUrl(entry.infrastructure, service.arn, ports);
  if (entry.url !== undefined && verifyUrl.length === 0)
    reporterFor(entry).output("url", entry.url);
}

/** Of an Express Mode service: what ECS manages for it, once all of it is there or the wait is over. */
async function expressInfrastructure(
  { snapshot: { service, serviceDeployment } }: RolloutEnd,
  { aws, clock, signal, reporter, until }: RolloutPorts,
): Promise<ExpressInfrastructure | undefined> {
  const revisionArn = serviceDeployment?.targetRevisionArn ?? "";
  if (!service || !isExpressService(service) || revisionArn === "") return undefined;
  return await awaitInfrastructure(revisionArn, { ecs: aws.ecs, clock, signal, reporter, until });
}

/**
 * One cheap call to check that the healthy tasks run the image of this step. If the digest is
 * unknown, the verdict does not change.
 */
async function warnIfDigestDiffers(
  end: RolloutEnd,
  expected: readonly ContainerImage[],
  { aws, clock, reporter }: Pick<RolloutPorts, "aws" | "clock" | "reporter">,
): Promise<void> {
  try {
    const revision = await withDeadline(evidenceTimeoutMilliseconds, clock, (signal) =>
      readTargetRevision(end, aws.ecs, {
        retryForMilliseconds: evidenceTimeoutMilliseconds,
        signal,
      }),
    );
    for (const mismatch of findDigestMismatches(revision, expected))
      reporter.warning(describeDigestMismatch(mismatch));
  } catch (error) {
    const why = messageOf(error);
    const line = `The digest that ECS resolved for the image could not be read: ${why}`;
    if (error instanceof DeployError && isAccessDenied(error))
      reporter.notice(`${line}\n${error.hint}`);
    else reporter.info(line);
  }
}
