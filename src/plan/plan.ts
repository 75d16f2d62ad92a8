// The whole plan, PURE: Inputs + Observed → what will be built, tagged, registered and updated. A plain value; nothing has moved yet.

import { DeployError } from "../errors.ts";
import { dockerfilePath } from "../inputs/read.ts";
import type { Inputs } from "../inputs/schema.ts";
import { isJsonObject, type JsonObject, stringOf } from "../json.ts";
import type { ObservedImage, ObservedRepository, ObservedService, ObservedTaskDefinition } from "./observed.ts";
import { asOneError, preflight, type SoughtService } from "./preflight.ts";
import { earlierRevisionArn, isSettledOn } from "./service.ts";
import { type Change, chooseContainer, imageOf, planTaskDefinition } from "./task-definition.ts";

export interface Observed {
  readonly region: string;
  readonly commit: string;
  readonly repository: ObservedRepository | undefined;
  /** What the immutable tag names already. */
  readonly image: ObservedImage | undefined;
  readonly services: readonly SoughtService[];
  /** By ARN, those that the services run. */
  readonly taskDefinitions: Readonly<Record<string, ObservedTaskDefinition>>;
}

export interface ImagePlan {
  readonly repository: ObservedRepository;
  /** `repository-uri:tag` */
  readonly reference: string;
  readonly tag: string;
  readonly latestTag?: string;
  /** The tag is there already: nothing is built. */
  readonly existing?: ObservedImage;
  readonly context: string;
  readonly dockerfile: string;
  readonly buildArguments: readonly string[];
  /** What the tasks run on, as docker spells it; absent where the task definition does not say. */
  readonly platform?: string;
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
      repositoryName: inputs.ecrRepository,
      repository: observed.repository,
      services: observed.services,
    }),
  );
  if (problem) throw problem;
  const image = planImage(inputs, observed, observed.repository as ObservedRepository);
  return {
    image,
    services: observed.services.map(({ observed: service }) =>
      planService(inputs, observed, image, service as ObservedService),
    ),
  };
}

/**
 * The tag that identifies this image for good.
 * @throws DeployError `InvalidInput` outside of a workflow run, where there is no commit to name it after
 */
export function chooseTag(inputs: Pick<Inputs, "imageTag">, commit: string): string {
  const tag = inputs.imageTag ?? commit;
  if (tag !== "") return tag;
  throw new DeployError({
    code: "InvalidInput",
    message: "Input image-tag: not given, and GITHUB_SHA, whose commit would be the tag, is not set.",
    hint: "Nothing was built or changed. Give `image-tag`.",
  });
}

function planImage(inputs: Inputs, observed: Observed, repository: ObservedRepository): ImagePlan {
  const tag = chooseTag(inputs, observed.commit);
  const [platform] = Object.values(observed.taskDefinitions).flatMap(({ definition }) => platformOf(definition) ?? []);
  return {
    repository,
    tag,
    reference: `${repository.uri}:${tag}`,
    ...(inputs.latestTag !== undefined && { latestTag: inputs.latestTag }),
    ...(observed.image && { existing: observed.image }),
    context: inputs.context,
    dockerfile: dockerfilePath(inputs),
    buildArguments: inputs.buildArgs,
    ...(platform !== undefined && { platform }),
  };
}

function planService(inputs: Inputs, observed: Observed, image: ImagePlan, service: ObservedService): ServicePlan {
  const current = observed.taskDefinitions[service.taskDefinitionArn];
  if (!current)
    throw new DeployError({ code: "Bug", message: `Task definition ${service.taskDefinitionArn} was not looked up.` });
  const container = chooseContainer(current.definition, {
    repositoryUri: image.repository.uri,
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
    settled: register === undefined && image.existing !== undefined && isSettledOn(service, service.taskDefinitionArn),
    ...(previousImage !== undefined && { previousImage }),
    ...(register && { register }),
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html */
function platformOf(definition: JsonObject): string | undefined {
  const platform = isJsonObject(definition.runtimePlatform) ? definition.runtimePlatform : {};
  const architecture = { X86_64: "amd64", ARM64: "arm64" }[stringOf(platform.cpuArchitecture) ?? ""];
  return architecture && `linux/${architecture}`;
}
