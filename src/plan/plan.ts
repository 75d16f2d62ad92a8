// The whole plan, PURE: Inputs + Observed → what will be built, tagged, registered and updated. A plain value; nothing has moved yet.

import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { JsonObject } from "../json.ts";
import { deployedReference, type ImagePlan, parseImageReference, planImage } from "./image.ts";
import type {
  ObservedCommit,
  ObservedImage,
  ObservedReadyImage,
  ObservedRepository,
  ObservedService,
  ObservedTaskDefinition,
} from "./observed.ts";
import { platformOf } from "./platform.ts";
import { asOneError, preflight, type SoughtService } from "./preflight.ts";
import { earlierRevisionArn, isSettledOn } from "./service.ts";
import { type Change, chooseContainer, imageOf, planTaskDefinition } from "./task-definition.ts";

export interface Observed {
  readonly region: string;
  readonly commit: ObservedCommit;
  readonly repository: ObservedRepository | undefined;
  /** What the tags of image-tag name already. */
  readonly tags: Readonly<Record<string, ObservedImage | undefined>>;
  /** The image that was given ready; undefined: none was, or it is not there. */
  readonly ready: ObservedReadyImage | undefined;
  readonly services: readonly SoughtService[];
  /** By ARN, those that the services run. */
  readonly taskDefinitions: Readonly<Record<string, ObservedTaskDefinition>>;
}

export interface ServicePlan {
  readonly service: ObservedService;
  readonly container: string;
  readonly previousImage?: string;
  /** What to go back to. */
  readonly previousTaskDefinitionArn: string;
  /** What RegisterTaskDefinition is sent; absent: the revision that runs is used again. */
  readonly register?: JsonObject;
  readonly changes: readonly Change[];
  /** Nothing to do: this image runs already. */
  readonly settled: boolean;
}

export interface Plan {
  readonly image: ImagePlan;
  readonly services: readonly ServicePlan[];
}

/** @throws DeployError with everything that makes it impossible */
export function planDeploy(inputs: Inputs, observed: Observed): Plan {
  const problem = asOneError(
    preflight({
      region: observed.region,
      repositoryName: inputs.image === undefined ? inputs.ecrRepository : undefined,
      repository: observed.repository,
      services: observed.services,
    }),
  );
  if (problem) throw problem;
  const taskPlatforms = observed.services.flatMap(({ observed: service }) => {
    const current = service && observed.taskDefinitions[service.taskDefinitionArn];
    return (current && platformOf(current.definition)) ?? [];
  });
  const image = planImage(inputs, { ...observed, taskPlatforms: [...new Set(taskPlatforms)] });
  return { image, services: planServices(inputs, observed, image, image.existing) };
}

/** `known`: the image, if it is known already; a digest that the reference is pinned to may be so only after the push. */
export function planServices(
  inputs: Inputs,
  observed: Observed,
  image: ImagePlan,
  known: ObservedImage | undefined,
): readonly ServicePlan[] {
  const reference = deployedReference(image, known?.digest);
  return observed.services.map(({ observed: service }) =>
    planService(inputs, observed, { reference, reused: image.existing !== undefined }, service as ObservedService),
  );
}

function planService(
  inputs: Inputs,
  observed: Observed,
  image: { readonly reference: string; readonly reused: boolean },
  service: ObservedService,
): ServicePlan {
  const current = observed.taskDefinitions[service.taskDefinitionArn];
  if (!current)
    throw new DeployError({ code: "Bug", message: `Task definition ${service.taskDefinitionArn} was not looked up.` });
  const container = chooseContainer(current.definition, {
    repositoryUri: parseImageReference(image.reference).repository,
    asked: inputs.containerName,
  });
  const { register, changes } = planTaskDefinition(current, container, image.reference);
  const previousTaskDefinitionArn = earlierRevisionArn(service);
  const previousImage = imageOf(
    observed.taskDefinitions[previousTaskDefinitionArn]?.definition ?? current.definition,
    container,
  );
  return {
    service,
    container,
    previousTaskDefinitionArn,
    changes,
    settled: register === undefined && image.reused && isSettledOn(service, service.taskDefinitionArn),
    ...(previousImage !== undefined && { previousImage }),
    ...(register && { register }),
  };
}
