// The plan where Terraform updates the services, PURE: this action plans the image, Terraform the
// task definition and service.

import { isExpressService } from "../ecs/express.ts";
import type { ObservedService } from "../ecs/observed.ts";
import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { objectsOf, stringOf } from "../json.ts";
import { toSingleError } from "./check-targets.ts";
import { checkTargetsExist } from "./checks.ts";
import {
  blockingFinding,
  blockingProblems,
  distinctFindings,
  notice,
  type PlanFinding,
  warning,
} from "./findings.ts";
import { deployedReference, type ImagePlan, parseImageReference } from "./image/image.ts";
import { checkOlderCommit } from "./image/older-commit.ts";
import type { Observed } from "./observed.ts";
import { imageFindings, isRunningImage, planImageOrProblem } from "./plan-deploy.ts";
import { checkPreDeployTask } from "./plan-pre-deploy-task.ts";
import { rollbackTargetOf } from "./plan-rollback.ts";
import { checkConcurrentDeployment } from "./service/check-service.ts";
import { previousStableRevisionArn } from "./service/service.ts";
import { planSettings } from "./service/service-settings.ts";
import { checkWaitMinutes } from "./service/strategy-duration.ts";
import type { Plan, ServicePlan } from "./service-plan.ts";
import type { Draft } from "./task-definition/draft.ts";
import { imageOf } from "./task-definition/revision.ts";

/**
 * Services that do not exist yet are created by Terraform.
 * @throws DeployError with everything that makes it impossible
 */
export function planForTerraform(
  inputs: Inputs,
  observed: Observed,
  allDrafts: readonly Draft[],
): Plan {
  const existing = observed.services.filter(
    ({ observed: service }) => service && service.status !== "INACTIVE",
  );
  const absent = observed.services.filter((service) => !existing.includes(service));
  const drafts = allDrafts.filter(({ service }) => service.status !== "INACTIVE");
  const services = drafts.map(({ service, running, containers: [container = ""] }): ServicePlan => {
    const previousTaskDefinitionArn = previousStableRevisionArn(service);
    const previous = observed.taskDefinitions[previousTaskDefinitionArn] ?? running;
    const previousImage = imageOf(previous.definition, container);
    return {
      service,
      container,
      previousTaskDefinitionArn,
      reuseArn: service.taskDefinitionArn,
      changes: [],
      settings: planSettings(service, inputs),
      upToDate: false,
      previousImage,
    };
  });
  const { image, problem } = planImageOrProblem(inputs, observed, drafts);
  const findings = distinctFindings([
    ...checkTargetsExist(inputs, {
      ...observed,
      services: existing,
      clusters: knownClusters(observed),
    }),
    ...imageFindings(image),
    ...checkPreDeployTask(inputs, observed),
    ...observed.secretFindings,
    ...checkOlderCommit(inputs, observed, drafts, image),
    ...(image
      ? services.flatMap((service) => checkActiveDeployment(inputs, observed, service, image))
      : []),
    ...(image
      ? services.flatMap((service) => checkTagChanged(inputs, observed, service, image))
      : []),
    ...services.flatMap(({ service }) => refuseExpressService(service)),
    ...checkWaitMinutes(inputs, services),
    ...absent.map(({ cluster, name }) => absentService(cluster, name, observed.region)),
  ]);
  const error = toSingleError([...blockingProblems(findings), ...(problem ? [problem] : [])]);
  if (error) throw error;
  return { services, findings, image };
}

/** Terraform updates it by another call, with the image inside of it. */
function refuseExpressService(service: ObservedService): readonly PlanFinding[] {
  if (!isExpressService(service)) return [];
  return [
    blockingFinding(
      "ControllerUnsupported",
      `${service.name} is an Express Mode service. With \`terraform-directory\`, deploy-ecs ` +
        "deploys services of aws_ecs_service, not of aws_ecs_express_gateway_service.",
      "Nothing was built or changed. Deploy it without `terraform-directory`, and let Terraform " +
        "ignore the image: `lifecycle { ignore_changes = [primary_container] }`.",
    ),
  ];
}

/** An active deployment of the same image is joined, not replaced. */
function checkActiveDeployment(
  inputs: Inputs,
  observed: Observed,
  { service, container }: ServicePlan,
  image: ImagePlan,
) {
  const running = observed.taskDefinitions[service.taskDefinitionArn];
  if (!running) return [];
  const joinsActive =
    imageOf(running.definition, container) === deployedReference(image, image.existing?.digest);
  const { whenBusy, waitForMinutes: waitMinutes } = inputs;
  return checkConcurrentDeployment({
    service,
    running,
    joinsActive,
    whenBusy,
    waitMinutes,
    now: observed.observedAt,
  });
}

/** Terraform compares texts: the same tag is no change, even if it names a different image now. */
function checkTagChanged(
  inputs: Inputs,
  observed: Observed,
  { service, container }: ServicePlan,
  image: ImagePlan,
): readonly PlanFinding[] {
  const running = observed.taskDefinitions[service.taskDefinitionArn];
  const sameReference = running && imageOf(running.definition, container) === image.reference;
  const isRunning = sameReference
    ? isRunningImage(inputs, observed, { service, containers: [container], image })
    : "yes";
  if (isRunning === "yes") return [];
  const what =
    `${service.name} has the tag "${image.tag}" in its task definition already. Terraform ` +
    "receives the same text again and changes nothing";
  if (isRunning === "unknown")
    return [
      warning(
        `${what}; whether the service runs the image that the tag names now could not be ` +
          "determined.",
      ),
    ];
  const hint =
    "Nothing was built or changed. Give each image its own tag (the default of image-tag is " +
    "the commit's sha), or set `pin-digest: true`, which passes the digest to Terraform, too.";
  return [
    blockingFinding(
      "ServiceNotUpdated",
      `${what}, so that another image under this tag would not be deployed.`,
      hint,
    ),
  ];
}

/** A cluster that does not exist may be created by the root, too. */
function knownClusters({ clusters }: Observed): Observed["clusters"] {
  if ("error" in clusters) return clusters;
  return {
    value: Object.fromEntries(
      Object.entries(clusters.value).filter(([, status]) => status === "ACTIVE"),
    ),
  };
}

function absentService(cluster: string, name: string, region: string): PlanFinding {
  return notice(
    `There is no service "${name}" in cluster "${cluster}" (${region}) yet: this is its first ` +
      "deployment, and Terraform is expected to create it.",
  );
}

/**
 * A rollback with Terraform deploys the earlier tag: the next apply would undo an update made
 * through the ECS API alone.
 * @throws DeployError `NoRollbackTarget`
 */
export function rollbackTagOf(
  inputs: Inputs,
  observed: Observed,
): { readonly tag: string; readonly why: string } {
  const [service] = observed.services.flatMap((sought) => sought.observed ?? []);
  const rollbackTarget = service
    ? rollbackTargetOf(inputs, service, observed)
    : noRollbackTarget("The service does not exist yet.");
  if ("severity" in rollbackTarget)
    throw (
      toSingleError(blockingProblems([rollbackTarget])) ??
      new DeployError(noRollbackTarget("Nothing was found."))
    );
  const definition = observed.taskDefinitions[rollbackTarget.taskDefinitionArn]?.definition ?? {};
  const images = objectsOf(definition.containerDefinitions).map(
    ({ image }) => stringOf(image) ?? "",
  );
  const ownImage = images
    .map(parseImageReference)
    .find(({ repository }) => repository.endsWith(`/${inputs.ecrRepository}`));
  if (ownImage?.tag !== undefined) return { tag: ownImage.tag, why: rollbackTarget.why };
  throw new DeployError(
    noRollbackTarget(
      `${rollbackTarget.taskDefinitionArn} runs ` +
        `${images.join(", ") || "no image that is known"}: no tag of ` +
        `${inputs.ecrRepository ?? "a repository of ours"} that Terraform could be given.`,
    ),
  );
}

function noRollbackTarget(message: string) {
  const hint =
    "Nothing was changed. Check `service` and `cluster`, or name the tag to deploy: `image-tag`.";
  return { severity: "refuse", code: "NoRollbackTarget", message, hint } as const;
}

/**
 * `rollback` and `to` with Terraform: the same step with the earlier tag and no additional tags. A
 * rollback runs no migration: the old code's migration would run against a newer database.
 */
export function toRedeployInputs(inputs: Inputs, tag: string): Inputs {
  return {
    ...inputs,
    rollback: false,
    to: undefined,
    preDeployCommand: undefined,
    preDeployTaskDefinition: undefined,
    postDeployCommand: undefined,
    imageTag: [tag],
    latestTag: undefined,
    ifImageExists: "reuse",
  };
}

/**
 * A different commit is checked out: it must not be built under the old tag.
 * @throws DeployError `ImageNotFound`
 */
export function assertTagExists(
  { imageTag: [tag = ""], ecrRepository }: Inputs,
  { tags }: Observed,
): void {
  if (tags[tag]) return;
  throw new DeployError({
    code: "ImageNotFound",
    message: `${ecrRepository} no longer has an image under the tag ${tag}, the rollback target.`,
    hint:
      "Nothing was changed. A lifecycle policy may have deleted it: check out the commit that it " +
      "was built from, and deploy that.",
  });
}
