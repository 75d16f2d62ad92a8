// Deploys the services that are not up to date: registers, migrates, updates and watches them to
// their end.

import type { AwsSession } from "../aws/session.ts";
import { isExpressService } from "../ecs/express.ts";
import type { DeployErrorDetails } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { waitForActiveDeployments } from "../observe/wait-until-idle.ts";
import { hasKnownCommit } from "../plan/image/older-commit.ts";
import type { ProvidedImage } from "../run/image.ts";
import { reporterFor } from "../run/outputs.ts";
import type { RunPhase } from "../run/phases.ts";
import { hasStarted, type RunState, type ServiceRun } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { pluralize } from "../text/format.ts";
import type { OpenPauseVerifier } from "./pause-verdict.ts";
import type { OlderCheck } from "./recheck-older.ts";
import { createRegisterRevision } from "./register-revision.ts";
import { hasPartialFailure, rollbackAll } from "./rollback-all.ts";
import { skipWait, watchAndConclude } from "./run-rollout.ts";
import {
  forEachService,
  registerRevision,
  updateAndReport,
  updateServices,
  waitEnd,
} from "./update-services.ts";

interface DeployServicesPorts
  extends Pick<Runtime, "clock" | "random" | "signal" | "reporter" | "postState"> {
  readonly aws: AwsSession;
  readonly phase: RunPhase;
  /** Runs the pre-deploy command, if there is one, with the revision of the first of these. */
  readonly migrate: (entries: readonly ServiceRun[]) => Promise<void>;
  readonly older: OlderCheck;
  readonly openPauseVerifier: OpenPauseVerifier | undefined;
}

/** @param image undefined: this is a rollback */
export async function deployServices(
  inputs: Inputs,
  image: ProvidedImage | undefined,
  ports: DeployServicesPorts,
  runState: RunState,
): Promise<void> {
  const { aws, phase, reporter, clock, postState } = ports;
  const moving = runState.services.filter((entry) => !entry.plan.upToDate);
  for (const entry of runState.services)
    if (entry.plan.upToDate) entry.conclusion = { outcome: "unchanged" };
  if (moving.length === 0)
    return reporter.info(`${describeImage(image)} already running; nothing to deploy.`);
  const reporterOf = (entry: ServiceRun) => reporterFor(entry, runState, reporter);
  const recheckOlder = createOlderRecheck(moving, inputs, ports);
  await recheckOlder();
  const registrar = createRegisterRevision(aws.ecs);
  const registered = moving.filter(({ plan }) => plan.register || !plan.create);
  if (registered.length > 0)
    await phase(image ? "Register the task definition" : "Roll back", () =>
      forEachService(registered, (entry) => registerRevision(entry, registrar, reporterOf(entry))),
    );
  await ports.migrate(moving);
  const rebuilt = image !== undefined && !image.reused;
  await awaitTurn(moving, inputs, ports);
  await recheckOlder();
  const until = waitEnd(moving.length, inputs, clock);
  runState.waitEndsAt = until;
  const updateOne = (entry: ServiceRun) =>
    updateAndReport(entry, rebuilt, { ...ports, ecs: aws.ecs, until, reporter: reporterOf(entry) });
  const afterCancel = { ecs: aws.ecsAfterCancel, clock, onCancel: inputs.onCancel, postState };
  const updatePhase = moving.some(({ plan }) => !plan.create) ? "Update" : "Create";
  await phase(`${updatePhase} the service`, () => updateServices(moving, updateOne, afterCancel));

  const rolling = moving.filter(hasStarted).filter(({ conclusion }) => !conclusion);
  if (rolling.length === 0) return;
  if (!inputs.waitForServiceStability) return skipWait(rolling, reporter);
  const watching = { ...ports, image, reporterFor: reporterOf, until };
  await phase("Watch the rollout", () => watchAndConclude(rolling, inputs, watching));
  if (inputs.onFailureOfOne === "rollback-all" && hasPartialFailure(moving))
    await phase("Roll back the other services", () => rollbackAll(moving, inputs, watching));
}

function describeImage(image: ProvidedImage | undefined): string {
  if (!image) return "That revision is";
  if (image.byContainer.length === 0) return `${image.reference} is`;
  return `${image.byContainer.map(({ reference }) => reference).join(" and ")} are`;
}

/** What was read within this time is not read again. */
const freshMilliseconds = 60_000;

/** A build or a migration takes minutes, in which another run may deploy a newer commit. */
function createOlderRecheck(
  entries: readonly ServiceRun[],
  inputs: Inputs,
  { aws, clock, reporter, older }: DeployServicesPorts,
): () => Promise<void> {
  let readAt = older.observed.observedAt;
  return async () => {
    if (!hasKnownCommit(older.image, older.observed)) return;
    if (clock.now() - readAt < freshMilliseconds) return;
    readAt = clock.now();
    const existing = entries.filter(({ plan }) => !plan.create);
    const { recheckOlderCommit } = await import("./recheck-older.ts");
    await recheckOlderCommit(existing, inputs, older, { ecs: aws.ecs, reporter });
  };
}

/**
 * Overlapping updates can leave the traffic of an Express Mode service split for good, so these
 * services are read again right before the update.
 */
async function awaitTurn(
  entries: readonly ServiceRun[],
  inputs: Inputs,
  { aws, clock, signal, reporter }: DeployServicesPorts,
): Promise<void> {
  const express = entries.filter(({ plan }) => isExpressService(plan.service) && !plan.create);
  if (express.length === 0) return;
  const ports = { ecs: aws.ecs, clock, signal, reporter };
  const { services, busy } = await waitForActiveDeployments(inputs, ports, isExpressService);
  for (const entry of express) {
    entry.latestService = services.find(({ arn }) => arn === entry.plan.service.arn);
    if (busy.some(({ arn }) => arn === entry.plan.service.arn))
      entry.conclusion = { outcome: "failed", problem: stillBusy(entry, inputs.waitForMinutes) };
  }
}

function stillBusy({ plan }: ServiceRun, waitMinutes: number): DeployErrorDetails {
  return {
    code: "DeploymentInProgress",
    message:
      `${plan.service.name}: another deployment started before this update and did not finish ` +
      `within ${pluralize(waitMinutes, "minute")}. The service was not updated.`,
    hint: "Run the job again when that deployment has finished: it reuses the image and the revision.",
  };
}
