// The plan of answer-pause, PURE: which deployments wait at a PAUSE hook, and what the services do
// whose deployments do not.

import { resourceId, shortRevision } from "../ecs/arn.ts";
import type { OwnDeployment, ServiceDeployment } from "../ecs/deployment.ts";
import type { ObservedService, ObservedTaskDefinition } from "../ecs/observed.ts";
import { findPausedHook, type HookAction, type PausedHook } from "../ecs/paused-hook.ts";
import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { formatUtc } from "../text/format.ts";
import { toSingleError } from "./check-targets.ts";
import { checkTargetsExist, type TargetsObserved } from "./checks.ts";
import { blockingProblems } from "./findings.ts";
import { compareRevisions } from "./plan-rollback.ts";
import { checkWaitUntil } from "./service/check-wait-until.ts";
import { previousStableRevisionArn } from "./service/service.ts";
import { planSettings } from "./service/service-settings.ts";
import type { ServicePlan } from "./service-plan.ts";

/** The deployment of a service that is in progress; if none is, its last one. */
export interface LatestDeployment {
  readonly deployment: ServiceDeployment;
  /** Of its target revision, and of the revision that ran before. "": unknown. */
  readonly taskDefinitionArn: string;
  readonly previousTaskDefinitionArn: string;
}

export interface PausesObserved extends TargetsObserved {
  /** By service ARN; absent: ECS lists none. */
  readonly latest: Readonly<Record<string, LatestDeployment>>;
  /** By ARN: of the deployments that wait, the revision and the one before. */
  readonly taskDefinitions: Readonly<Record<string, ObservedTaskDefinition>>;
}

/** A deployment that waits for the answer. */
export interface PlannedAnswer {
  readonly kind: "waits";
  readonly plan: ServicePlan;
  readonly deployment: OwnDeployment;
  readonly hook: PausedHook;
}

/** A service of which no deployment waits, although one of another service does. */
export interface NothingToAnswer {
  readonly kind: "nothing-waits";
  readonly plan: ServicePlan;
  /** What it does instead, as a sentence. */
  readonly activity: string;
  /** A deployment is in progress, so that the answer may have been meant for it. */
  readonly inProgress: boolean;
}

const ended: ReadonlySet<string> = new Set([
  "SUCCESSFUL",
  "STOPPED",
  "ROLLBACK_SUCCESSFUL",
  "ROLLBACK_FAILED",
]);

export function hasEnded({ status }: Pick<ServiceDeployment, "status">): boolean {
  return ended.has(status);
}

/** `continue` → `CONTINUE` */
export function toHookAction(answer: "continue" | "rollback"): HookAction {
  if (answer === "rollback") return "ROLLBACK";
  return "CONTINUE";
}

/**
 * Each requested service, in the order of the input.
 * @throws DeployError `NothingPaused` if no deployment waits; what makes an answer impossible
 */
export function planAnswers(
  inputs: Inputs,
  observed: PausesObserved,
): readonly (PlannedAnswer | NothingToAnswer)[] {
  const missing = toSingleError(blockingProblems(checkTargetsExist(inputs, observed)));
  if (missing) throw missing;
  const services = observed.services.flatMap(({ observed: service }) => service ?? []);
  const planned = services.map((service) => planAnswer(inputs, observed, service));
  const waiting = planned.filter(({ kind }) => kind === "waits");
  if (waiting.length === 0) throw nothingPaused(planned);
  const plans = waiting.map(({ plan }) => plan);
  const impossible = toSingleError(blockingProblems(checkWaitUntil(inputs, plans)));
  if (impossible) throw impossible;
  return planned;
}

function planAnswer(
  inputs: Inputs,
  observed: PausesObserved,
  service: ObservedService,
): PlannedAnswer | NothingToAnswer {
  const latest = observed.latest[service.arn];
  const hook = findPausedHook(latest?.deployment);
  if (latest && hook)
    return {
      kind: "waits",
      plan: planAnsweredService(inputs, observed, service, latest),
      deployment: toPausedDeployment(service, latest),
      hook,
    };
  return {
    kind: "nothing-waits",
    plan: { ...planAnsweredService(inputs, observed, service, undefined), upToDate: true },
    activity: describeActivity(service, latest),
    inProgress: latest !== undefined && !hasEnded(latest.deployment),
  };
}

/** Nothing of it is sent: it says what the deployment that waits changes. */
function planAnsweredService(
  inputs: Inputs,
  { taskDefinitions }: PausesObserved,
  service: ObservedService,
  latest: LatestDeployment | undefined,
): ServicePlan {
  const reuseArn = latest?.taskDefinitionArn || service.taskDefinitionArn;
  const previousTaskDefinitionArn =
    latest?.previousTaskDefinitionArn || previousStableRevisionArn(service);
  return {
    ...compareKnown(taskDefinitions[previousTaskDefinitionArn], taskDefinitions[reuseArn]),
    service,
    previousTaskDefinitionArn,
    reuseArn,
    settings: planSettings(service, inputs),
    upToDate: false,
  };
}

function compareKnown(
  previous: ObservedTaskDefinition | undefined,
  revision: ObservedTaskDefinition | undefined,
): ReturnType<typeof compareRevisions> {
  if (!previous || !revision) return { container: "", changes: [] };
  return compareRevisions(previous, revision, undefined);
}

/**
 * The deployment is known by its service deployment's ARN. Its classic id, for reads without
 * service deployments, has the number of its revision.
 */
function toPausedDeployment(
  service: ObservedService,
  { deployment, taskDefinitionArn }: LatestDeployment,
): OwnDeployment {
  const id = `ecs-svc/${resourceId(deployment.targetRevisionArn)}`;
  return {
    cluster: service.clusterName,
    service: service.name,
    id,
    startedAt: deployment.createdAt,
    taskDefinitionArn,
    earlierIds: service.deployments.map((classic) => classic.id).filter((other) => other !== id),
    serviceDeploymentArn: deployment.arn,
  };
}

function nothingPaused(services: readonly (PlannedAnswer | NothingToAnswer)[]): DeployError {
  const activities = services.flatMap((service) => {
    if (service.kind === "nothing-waits") return [`- ${service.activity}`];
    return [];
  });
  return new DeployError({
    code: "NothingPaused",
    message: [
      "No deployment waits at a PAUSE hook, so there is nothing to answer (answer-pause).",
      ...activities,
    ].join("\n"),
    hint: nothingPausedHint,
  });
}

export const nothingPausedHint =
  "This run changed nothing. If the deployment has not reached its hook yet, run this again when " +
  "it has: the run that deploys prints a notice. If the hook was answered or has expired, no " +
  "answer is needed any more.";

function describeActivity({ name }: ObservedService, latest: LatestDeployment | undefined): string {
  if (!latest) return `${name}: ECS lists no deployment of this service.`;
  const { deployment, taskDefinitionArn } = latest;
  const { status, lifecycleStage = "", statusReason = "" } = deployment;
  const which = `${shortRevision(taskDefinitionArn)}, created ${formatUtc(deployment.createdAt)},`;
  if (hasEnded(deployment))
    return (
      `${name}: no deployment is in progress. The last one, of ${which} is ${status}. ` +
      statusReason
    ).trim();
  const state = [status, lifecycleStage].filter(Boolean).join(", stage ");
  return `${name}: the deployment of ${which} waits for no answer (${state}). ${statusReason}`.trim();
}

/** What a dry run prints. */
export function describeAnswer(answer: "continue" | "rollback", planned: PlannedAnswer): string {
  const { deployment, hook } = planned;
  const revision = shortRevision(deployment.taskDefinitionArn);
  return (
    `Would answer ${toHookAction(answer)} to the PAUSE hook ${hook.hookId} of ` +
    `${deployment.cluster}/${deployment.service}: the deployment of ${revision} waits at the ` +
    `stage ${hook.stage ?? "unknown"}${describeDeadline(hook)}.`
  );
}

/** ` until 2026-11-24 09:10 UTC; then ECS does ROLLBACK`; "" if ECS names no deadline. */
export function describeDeadline({ expiresAt, timeoutAction }: PausedHook): string {
  if (expiresAt === undefined) return "";
  return ` until ${formatUtc(expiresAt)}; then ECS does ${timeoutAction}`;
}
