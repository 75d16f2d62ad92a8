// A plan in words, PURE: what a dry run prints and writes into the summary.

import type { ImagePlan } from "../plan/image/image.ts";
import type { Observed } from "../plan/observed.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import { describeBreaker } from "../plan/service/service-settings.ts";
import type { Plan, ServicePlan } from "../plan/service-plan.ts";
import { diffMembers } from "../plan/task-definition/diff.ts";
import { shortRevision } from "../text/format.ts";
import { describeChange } from "./log-lines.ts";

export function describePlan({ image, services }: Plan, observed: Observed): readonly string[] {
  return [
    ...describeImagePlan(image ? { image } : {}),
    ...services.flatMap((service) => describePlannedService(service, observed)),
  ];
}

/** Where all else is Terraform's to plan. */
export function describeImagePlan({ image }: Pick<Plan, "image">): readonly string[] {
  return image ? [describePlannedImage(image)] : [];
}

function describePlannedImage(image: ImagePlan): string {
  const { existing, reference, taskPlatforms } = image;
  if (existing)
    return `Would use ${reference}, which is there already (${existing.digest}); build nothing.`;
  const why = image.from === "repository" && image.why !== undefined ? ` ${image.why}` : "";
  return `Would build and push ${reference}${taskPlatforms.length > 0 ? ` for ${taskPlatforms.join(", ")}` : ""}.${why}`;
}

function describePlannedService(plan: ServicePlan, observed: Observed): readonly string[] {
  const { service, register, reuseArn, changes, settings, upToDate } = plan;
  if (upToDate)
    return [`Would leave ${service.name} as it is: ${shortRevision(reuseArn)} runs already.`];
  const revision = register
    ? `a new revision of ${String(register.family)}`
    : shortRevision(reuseArn);
  const from = shortRevision(service.taskDefinitionArn);
  const why = plan.why ?? (from === revision ? redeployReason(plan) : undefined);
  return [
    ...(register ? [`Would register ${revision}, made from ${sourceOf(plan, observed)}.`] : []),
    ...changes.map((change) => `  ${describeChange(change)}`),
    `Would update ${service.clusterName}/${service.name}: ${from} → ${revision}${why === undefined ? "" : ` (${why})`}; ${describeSettings(plan)}.`,
    ...diffMembers(service.deploymentConfiguration, settings.deploymentConfiguration).map(
      (change) => `  deploymentConfiguration.${describeChange(change)}`,
    ),
  ];
}

/** Why a service is updated to the revision that it has. */
function redeployReason({ service, settings }: ServicePlan): string | undefined {
  const state = primaryDeploymentOf(service)?.rolloutState;
  if (state === "FAILED") return "its last deployment failed";
  if (state === "IN_PROGRESS") return "its deployment is in progress";
  return settings.forceNewDeployment ? undefined : "only settings change";
}

function describeSettings({ service, settings }: ServicePlan): string {
  const { desiredCount, forceNewDeployment } = settings;
  return [
    describeBreaker(settings),
    ...(desiredCount === undefined
      ? []
      : [`desired count ${service.desiredCount} → ${desiredCount}`]),
    ...(forceNewDeployment ? ["a new deployment in any case"] : []),
  ].join(", ");
}

function sourceOf({ service }: ServicePlan, { taskDefinitionSource }: Observed): string {
  if (!taskDefinitionSource || "error" in taskDefinitionSource)
    return shortRevision(service.taskDefinitionArn);
  return taskDefinitionSource.value.kind === "file"
    ? taskDefinitionSource.value.path
    : shortRevision(taskDefinitionSource.value.revision.arn);
}
