// The plan of a deployment, PURE: Inputs + Observed → what will be built, tagged, registered and
// updated. Nothing has changed yet.

import type { ObservedService } from "../ecs/observed.ts";
import { asDeployError, type DeployErrorDetails } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { toSingleError } from "./check-targets.ts";
import { checkDrafts } from "./checks.ts";
import { blockingProblems, distinctFindings, type PlanFinding } from "./findings.ts";
import { imageForContainer, planExternalImages } from "./image/external-image.ts";
import { deployedReference, type ImagePlan, isMutable, planImage } from "./image/image.ts";
import { checkOlderCommit } from "./image/older-commit.ts";
import { platformOf } from "./image/platform.ts";
import type { Observed } from "./observed.ts";
import { checkPreDeployTask, preDeployPlatforms } from "./plan-pre-deploy-task.ts";
import { checkConcurrentDeployment } from "./service/check-service.ts";
import { checkWaitUntil } from "./service/check-wait-until.ts";
import {
  createdPlatforms,
  createdWithoutDefinition,
  createRequestOf,
  planCreation,
  serviceToBe,
} from "./service/create-express.ts";
import { isUpToDate, previousStableRevisionArn } from "./service/service.ts";
import { planSettings } from "./service/service-settings.ts";
import { checkWaitMinutes } from "./service/strategy-duration.ts";
import type { Plan, ServicePlan } from "./service-plan.ts";
import type { Draft } from "./task-definition/draft.ts";
import { imageOf, planRevision } from "./task-definition/revision.ts";

/** @throws DeployError with everything that makes it impossible */
export function planDeploy(inputs: Inputs, observed: Observed, drafts: readonly Draft[]): Plan {
  const checkFindings = checkDrafts(inputs, observed, drafts);
  const { image, problem } = planImageOrProblem(inputs, observed, drafts);
  const services = image
    ? planServices(inputs, observed, { drafts, image, digest: image.existing?.digest })
    : [];
  const findings = distinctFindings([
    ...checkFindings,
    ...imageFindings(image),
    ...checkPreDeployTask(inputs, observed),
    ...checkOlderCommit(inputs, observed, drafts, image),
    ...checkActiveDeployments(inputs, observed, services),
    ...checkWaitMinutes(inputs, services),
    ...checkWaitUntil(inputs, services),
  ]);
  const error = toSingleError([...blockingProblems(findings), ...(problem ? [problem] : [])]);
  if (error) throw error;
  return { services, findings, image };
}

/** A problem with the image is reported together with all others. */
export function planImageOrProblem(
  inputs: Inputs,
  observed: Observed,
  drafts: readonly Draft[],
): { readonly image?: ImagePlan; readonly problem?: DeployErrorDetails } {
  if (!inputs.image && !observed.repository) return {}; // reported already
  const taskPlatforms = new Set([
    ...drafts.flatMap(({ definition, service }) => platformOf(definition, service.raw) ?? []),
    ...createdPlatforms(inputs, observed),
    ...preDeployPlatforms(inputs, observed),
  ]);
  const view = { ...observed, taskPlatforms: [...taskPlatforms] };
  try {
    if (inputs.image) return { image: planExternalImages(inputs, inputs.image, view) };
    return { image: planImage(inputs, view) };
  } catch (error) {
    const { code, message, hint } = asDeployError(error);
    return { problem: { code, message, hint } };
  }
}

export function imageFindings(image: ImagePlan | undefined): readonly PlanFinding[] {
  if (image?.from === "repository") return image.findings;
  return [];
}

/**
 * Drafts with the image that they get. `digest`, where it is known: a reference may be pinned to it
 * only after the push.
 */
interface DraftsWithImage {
  readonly drafts: readonly Draft[];
  readonly image: ImagePlan;
  readonly digest: string | undefined;
}

export function planServices(
  inputs: Inputs,
  observed: Observed,
  { drafts, image, digest }: DraftsWithImage,
): readonly ServicePlan[] {
  const planned = drafts.map((draft) =>
    planService(inputs, observed, { plan: image, digest }, draft),
  );
  const created = createdWithoutDefinition(inputs, observed).map((service) =>
    planCreation(inputs, serviceToBe(service, observed), deployedReference(image, digest)),
  );
  return inRequestedOrder([...planned, ...created], observed);
}

function inRequestedOrder(
  plans: readonly ServicePlan[],
  { services }: Observed,
): readonly ServicePlan[] {
  const position = ({ service }: ServicePlan) =>
    services.findIndex(
      ({ cluster, name }) => cluster === service.clusterName && name === service.name,
    );
  return plans.toSorted((a, b) => position(a) - position(b));
}

function planService(
  inputs: Inputs,
  observed: Observed,
  image: { readonly plan: ImagePlan; readonly digest: string | undefined },
  draft: Draft,
): ServicePlan {
  const { service, running, containers } = draft;
  const {
    register,
    reuse = service.taskDefinitionArn,
    changes,
  } = planRevision({ ...draft, images: imagesFor(containers, image) });
  const requestedSettings = planSettings(service, inputs);
  const [container = "", ...otherContainers] = containers;
  const keepsRevision = register === undefined && reuse === service.taskDefinitionArn;
  const imageMoved =
    keepsRevision &&
    isRunningImage(inputs, observed, { service, containers, image: image.plan }) !== "yes";
  const settings = imageMoved
    ? { ...requestedSettings, forceNewDeployment: true }
    : requestedSettings;
  const previousTaskDefinitionArn = previousStableRevisionArn(service);
  const previous = observed.taskDefinitions[previousTaskDefinitionArn] ?? running;
  const previousImage = imageOf(previous.definition, container);
  return {
    service,
    container,
    otherContainers,
    previousTaskDefinitionArn,
    reuseArn: reuse,
    changes,
    settings,
    upToDate:
      register === undefined && !imageMoved && !settings.changed && isUpToDate(service, reuse),
    ...(imageMoved && { imageChanged: imageMoved }),
    previousImage,
    create: createRequestOf(inputs, service),
    infrastructure: observed.infrastructure[service.arn],
    register,
  };
}

/**
 * Whether every container that gets the image runs exactly this image, as far as ECS reports it.
 */
export function isRunningImage(
  inputs: Inputs,
  { repository, runningImages }: Pick<Observed, "repository" | "runningImages">,
  of: {
    readonly service: ObservedService;
    readonly containers: readonly string[];
    readonly image: ImagePlan;
  },
): "yes" | "no" | "unknown" {
  const { service, containers, image } = of;
  if (!image.existing) return "no"; // it is built only now
  if (!isMutable(inputs, repository, image.tag)) return "yes";
  const lookup = runningImages[service.arn];
  if (!lookup || "error" in lookup) return "unknown";
  const { existing } = image;
  const compared = containers.map((name) => ({
    running: lookup.value.find(({ containerName }) => containerName === name)?.digest,
    wanted: imageForContainer(image, name, existing.digest).digest,
  }));
  if (compared.some(({ running }) => running === undefined)) return "unknown";
  if (compared.every(({ running, wanted }) => running === wanted)) return "yes";
  return "no";
}

/** By container: the reference that it gets. */
/** How the task definition names the image of each container. */
export function imagesFor(
  containers: readonly string[],
  { plan, digest }: { readonly plan: ImagePlan; readonly digest: string | undefined },
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    containers.map((name) => [name, imageForContainer(plan, name, digest).reference]),
  );
}

/** An active deployment of the same revision is joined, not replaced. */
export function checkActiveDeployments(
  inputs: Inputs,
  observed: Observed,
  plans: readonly ServicePlan[],
): readonly PlanFinding[] {
  return plans.flatMap(({ service, register, reuseArn, imageChanged = false }) => {
    const running = observed.taskDefinitions[service.taskDefinitionArn];
    const joinsActive =
      register === undefined && reuseArn === service.taskDefinitionArn && !imageChanged;
    const { whenBusy, waitForMinutes: waitMinutes } = inputs;
    if (running)
      return checkConcurrentDeployment({
        service,
        running,
        joinsActive,
        whenBusy,
        waitMinutes,
        now: observed.observedAt,
      });
    return [];
  });
}
