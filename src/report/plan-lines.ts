// A plan as text, PURE: what a dry run prints and writes into the summary.

import { callsTakeMilliseconds, limitOf } from "../ecs/api-limits.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { ImagePlan } from "../plan/image/image.ts";
import { describeNewRepository } from "../plan/image/new-repository.ts";
import { definitionSourceOf, type Observed } from "../plan/observed.ts";
import { describeCreation } from "../plan/service/create-express.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import { currentMembers } from "../plan/service/service-patch.ts";
import { describeBreaker } from "../plan/service/service-settings.ts";
import type { Plan, ServicePlan } from "../plan/service-plan.ts";
import { type Change, diffMembers } from "../plan/task-definition/diff.ts";
import { formatDuration } from "../text/format.ts";
import { describeChange } from "./log-lines.ts";

export function describePlan({ image, services }: Plan, observed: Observed): readonly string[] {
  return [
    ...describeImagePlan(image ? { image } : {}),
    ...services.flatMap((service) => describePlannedService(service, observed)),
    ...describeDuration({ services }),
  ];
}

/** With Terraform, which plans everything else. */
export function describeImagePlan({ image }: Pick<Plan, "image">): readonly string[] {
  if (!image) return [];
  if (image.from === "repository") {
    const { repository } = image;
    if (!repository.isMissing) return [describePlannedImage(image)];
    return [
      `Would create the repository ${repository.name} (${describeNewRepository(repository)}).`,
      describePlannedImage(image),
    ];
  }
  if (image.byContainer.length === 0) return [describePlannedImage(image)];
  return image.byContainer.map(
    ({ container, reference, digest }) =>
      `Would use ${reference} for container ${container}; it exists already (${digest}).`,
  );
}

function describePlannedImage(image: ImagePlan): string {
  const { existing, taskPlatforms } = image;
  const reference = withoutEcrHost(image.reference);
  if (existing)
    return `Would use ${reference}, which exists already (${existing.digest}); no build.`;
  const why = image.from === "repository" && image.why !== undefined ? ` ${image.why}` : "";
  const platforms = taskPlatforms.length > 0 ? ` for ${taskPlatforms.join(", ")}` : "";
  return `Would build and push ${reference}${platforms}.${why}`;
}

/** The account and region of an ECR registry are those of the run, or named by `ecr-repository`. */
function withoutEcrHost(reference: string): string {
  return reference.replace(/^\d{12}\.dkr[.-]ecr[\w.-]*\//, "");
}

function describePlannedService(plan: ServicePlan, observed: Observed): readonly string[] {
  const { service, register, reuseArn, changes, upToDate, create } = plan;
  if (create)
    return [
      `Would create the Express Mode service ${service.clusterName}/${service.name} ` +
        `(${describeCreation(create)}).`,
    ];
  if (upToDate)
    return [`Would not change ${service.name}: ${shortRevision(reuseArn)} is already running.`];
  const revision = register
    ? `a new revision of ${String(register.family)}`
    : shortRevision(reuseArn);
  const from = shortRevision(service.taskDefinitionArn);
  const why = plan.why ?? (from === revision ? redeployReason(plan) : undefined);
  const reason = why === undefined ? "" : ` (${why})`;
  return [
    ...(register ? [`Would register ${revision}, based on ${sourceOf(plan, observed)}.`] : []),
    ...changes.map((change) => `  ${describeChange(change)}`),
    `Would update ${service.clusterName}/${service.name}: ${from} → ${revision}${reason}; ` +
      `${describeSettings(plan)}.`,
    ...diffSettings(plan).map((change) => `  ${describeChange(change)}`),
  ];
}

/** Members of UpdateService besides the task definition and the count. */
function diffSettings({ service, settings }: ServicePlan): readonly Change[] {
  const { deploymentConfiguration, members } = settings;
  const current = currentMembers(service);
  const before = Object.fromEntries(Object.keys(members).map((name) => [name, current[name]]));
  return diffMembers(
    { deploymentConfiguration: service.deploymentConfiguration, ...before },
    { deploymentConfiguration, ...members },
  );
}

/** Why a service is updated to the revision that it already has. */
function redeployReason({ service, settings }: ServicePlan): string | undefined {
  const state = primaryDeploymentOf(service)?.rolloutState;
  if (state === "FAILED") return "its last deployment failed";
  if (state === "IN_PROGRESS") return "its deployment is in progress";
  if (settings.forceNewDeployment) return undefined;
  return "only settings change";
}

function describeSettings({ service, settings }: ServicePlan): string {
  const { desiredCount, forceNewDeployment } = settings;
  const texts = [describeBreaker(settings)];
  if (desiredCount !== undefined)
    texts.push(`desired count ${service.desiredCount} → ${desiredCount}`);
  if (forceNewDeployment) texts.push("a forced new deployment");
  return texts.join(", ");
}

function sourceOf({ service }: ServicePlan, observed: Observed): string {
  const { clusterName: cluster, name } = service;
  const source = definitionSourceOf(observed, { cluster, name });
  if (!source || "error" in source) return shortRevision(service.taskDefinitionArn);
  if (source.value.kind === "file") return source.value.path;
  return shortRevision(source.value.revision.arn);
}

/** Shorter ones are not worth a line. */
const longMilliseconds = 60_000;

/** How long the calls take at the pace that ECS allows, where that is long: at most one line. */
export function describeDuration({ services }: Pick<Plan, "services">): readonly string[] {
  const moving = services.filter(({ upToDate, create }) => !upToDate && !create);
  const revisions = new Set(moving.flatMap(({ register }) => register ?? []).map(toKey)).size;
  const registerTime = callsTakeMilliseconds("ecs:RegisterTaskDefinition", revisions);
  const updateTime = callsTakeMilliseconds("ecs:UpdateService", moving.length);
  if (registerTime + updateTime <= longMilliseconds) return [];
  const slow = [
    registerTime > 0 && describeRate(revisions, "ecs:RegisterTaskDefinition"),
    updateTime > 0 && describeRate(moving.length, "ecs:UpdateService"),
  ].filter((text) => text !== false);
  return [
    `The last service is updated about ${formatDuration(registerTime + updateTime)} after the ` +
      `first call, because ECS limits the rate of its calls: ${slow.join("; ")}.`,
  ];
}

function toKey(definition: unknown): string {
  return JSON.stringify(definition);
}

function describeRate(calls: number, operation: string): string {
  const { burst = 0, perSecond = 0 } = limitOf(operation) ?? {};
  const name = operation.replace("ecs:", "");
  return `${calls} × ${name}, of which ECS accepts ${burst} at once and then ${perSecond} per second`;
}
