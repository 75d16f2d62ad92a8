// Reads the current state before anything changes: read only, in parallel, in seconds.

import { collectDeniedReads, type DeniedReads } from "../aws/access-denied.ts";
import { batchRevisions } from "../aws/batch-revisions.ts";
import { requestShapes } from "../aws/sdk-schema.ts";
import type { AwsSession } from "../aws/session.ts";
import type { Clock } from "../clock.ts";
import { parseArn } from "../ecs/arn.ts";
import type {
  ObservedCommit,
  ObservedImage,
  ObservedRepository,
  ObservedService,
} from "../ecs/observed.ts";
import { readCommitMetadata } from "../image/commit-metadata.ts";
import { inspectImage, inspectLabels } from "../image/registry.ts";
import type { RequestedImage } from "../inputs/image-parsers.ts";
import { isRollback } from "../inputs/is-rollback.ts";
import type { Inputs } from "../inputs/schema.ts";
import { objectOf, objectsOf } from "../json.ts";
import { isArchived } from "../plan/image/archived-image.ts";
import { chooseTags, isMutable } from "../plan/image/image.ts";
import { repositoryToCreate } from "../plan/image/new-repository.ts";
import type { Observed } from "../plan/observed.ts";
import { draftPreDeployTask } from "../plan/plan-pre-deploy-task.ts";
import { rollbackTargetOf } from "../plan/plan-rollback.ts";
import { createdDefinitions } from "../plan/service/create-express.ts";
import { previousStableRevisionArn } from "../plan/service/service.ts";
import { type Draft, draftServices } from "../plan/task-definition/draft.ts";
import type { RunProcess } from "../process/run-process.ts";
import {
  observePreDeployTaskSource,
  observeTaskDefinitionSources,
} from "./observe-definition-sources.ts";
import { observeGateways } from "./observe-gateways.ts";
import { observeRunningLabels } from "./observe-running-labels.ts";
import {
  describeTaskDefinitions,
  findTaskDefinition,
  observeClusters,
  observeInfrastructure,
  observeLogGroups,
  observeRollbackData,
  observeRunningImages,
  observeServices,
  type RollbackData,
} from "./observe-services.ts";
import type { Connection } from "./sign-in.ts";

interface ObservePorts {
  readonly registry: Connection["registry"];
  readonly run: RunProcess;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly commit: string;
  readonly clock: Clock;
}

export type ObservedAws = Pick<AwsSession, "ecs" | "ecr" | "logs" | "serviceWith" | "identity">;

export interface Observation {
  readonly observed: Observed;
  /**
   * The new revision of each service as far as it is known before the image is; none for a
   * rollback.
   */
  readonly drafts: readonly Draft[];
}

/**
 * Two rounds: the current state, and then what is known only with it: the log groups and
 * secrets that the drafts of the new revisions name, gateways, the commits that run.
 * @throws DeployError `PermissionMissing` that names every read that the role may not make
 */
export async function observe(
  inputs: Inputs,
  session: ObservedAws,
  ports: ObservePorts,
): Promise<Observation> {
  const refusals = collectDeniedReads();
  const aws = { ...session, ...collectingRefusals(refusals, session) };
  const { ecs, logs, identity } = aws;
  const [image, { services, missingClusters }, sources, preDeployTaskSource] = await Promise.all([
    isRollback(inputs)
      ? noImage(ports)
      : refusals.required(observeImage(inputs, aws, ports), noImage(ports)),
    observeServices(inputs, ecs),
    observeTaskDefinitionSources(inputs, ecs),
    observePreDeployTaskSource(inputs, ecs),
  ]);
  const found = services.flatMap(({ observed }) => observed ?? []);
  const revisions = batchRevisions(ecs);
  const [clusters, history, running, infrastructure] = await Promise.all([
    observeClusters(services, missingClusters, ecs),
    observeRollbackData(inputs, found, ecs),
    needsRunningImages(inputs, image) ? observeRunningImages(found, revisions) : {},
    observeInfrastructure(found, revisions),
  ]);
  const taskDefinitions = await describeTaskDefinitions(revisionsOf(inputs, found, history), ecs);
  // Where not even the service may be read, its task definition is not known. Any name tells
  // whether one may be read.
  if (refusals.hasRequired() && found.length === 0)
    await findTaskDefinition(services[0]?.name ?? "", ecs);
  refusals.throwIfDenied();
  const repository = await observeMissingRepository(inputs, image, session);
  const first: Observed = {
    region: inputs.awsRegion,
    accountId: identity.accountId,
    partition: parseArn(identity.arn)?.partition ?? "",
    observedAt: ports.clock.now(),
    ...image,
    ...repository,
    services,
    taskDefinitionSources: sources,
    preDeployTaskSource,
    clusters,
    ...history,
    runningImages: running,
    taskDefinitions,
    logGroups: {},
    secretFindings: [],
    gateways: {},
    runningLabels: {},
    infrastructure,
    schemas: requestShapes(),
  };
  const drafts = isRollback(inputs) ? [] : draftServices(inputs, first);
  const preDeployDrafts = [draftPreDeployTask(inputs, first) ?? []].flat();
  const { registry } = ports;
  const [logGroups, secretFindings, gateways, runningLabels] = await Promise.all([
    observeLogGroups([...drafts, ...preDeployDrafts], first.region, logs),
    lookUpSecrets([...registeredOf(inputs, drafts, first), ...preDeployDrafts], first, aws),
    observeGateways([...drafts, ...runningDefinitions(inputs, found, first)], ecs),
    observeRunningLabels(inputs, first, drafts, { ecs, registry }),
  ]);
  return { observed: { ...first, logGroups, secretFindings, gateways, runningLabels }, drafts };
}

/** For a rollback, which has no drafts: what the services run. */
function runningDefinitions(
  inputs: Inputs,
  services: readonly ObservedService[],
  { taskDefinitions }: Observed,
): readonly Pick<Draft, "service" | "definition">[] {
  if (!isRollback(inputs)) return [];
  return services.flatMap((service) => {
    const running = taskDefinitions[service.taskDefinitionArn];
    if (!running) return [];
    return [{ service, definition: running.definition }];
  });
}

type LabelledDefinition = Pick<Draft, "label" | "definition">;

/** With Terraform the drafts are not what is registered. */
function registeredOf(
  inputs: Inputs,
  drafts: readonly Draft[],
  observed: Observed,
): readonly LabelledDefinition[] {
  if (inputs.terraformDirectory !== undefined) return [];
  return [...drafts, ...createdDefinitions(inputs, observed)];
}

/** Loaded on demand: most task definitions name no secret. */
export async function lookUpSecrets(
  definitions: readonly LabelledDefinition[],
  observed: Pick<Observed, "region" | "accountId" | "partition">,
  aws: Pick<AwsSession, "serviceWith">,
): Promise<Observed["secretFindings"]> {
  if (!definitions.some(namesSecrets)) return [];
  const { observeSecrets } = await import("./observe-secrets.ts");
  return observeSecrets(definitions, observed, aws);
}

function namesSecrets({ definition }: Pick<Draft, "definition">): boolean {
  return objectsOf(definition.containerDefinitions).some((container) => {
    const { secrets, repositoryCredentials, logConfiguration } = container;
    const { secretOptions } = objectOf(logConfiguration);
    return [...objectsOf(secrets), ...objectsOf(secretOptions), repositoryCredentials].some(
      Boolean,
    );
  });
}

type ObservedImages = Pick<Observed, "commit" | "repository" | "tags" | "externalImages">;

/**
 * For a step that has only an image.
 * @throws DeployError `PermissionMissing` that names every read that the role may not make
 */
export async function observeImageOnly(
  inputs: Inputs,
  session: ObservedAws,
  ports: ObservePorts,
): Promise<ObservedImages & Pick<Observed, "templateError">> {
  const refusals = collectDeniedReads();
  const { ecr } = collectingRefusals(refusals, session);
  const { identity } = session;
  const image = await observeImage(inputs, { ecr, identity }, ports);
  refusals.throwIfDenied();
  return { ...image, ...(await observeMissingRepository(inputs, image, session)) };
}

/**
 * The same reads; a denied one is recorded and returns an empty result. Only the denials are
 * reported, never what follows from them.
 */
export function collectingRefusals(
  refusals: DeniedReads,
  { ecs, ecr }: ObservedAws,
): Pick<ObservedAws, "ecs" | "ecr"> {
  const emptyTaskDefinition = { arn: "", definition: {}, tags: [] };
  const describeOneByOne = async (cluster: string, names: readonly string[]) =>
    (
      await Promise.all(
        names.map((name) => refusals.required(ecs.describeServices(cluster, [name]), [])),
      )
    ).flat();
  return {
    ecs: {
      ...ecs,
      // Of several services IAM names only the first that it refuses.
      describeServices: async (cluster, names) => {
        if (names.length === 1) return describeOneByOne(cluster, names);
        return (
          (await collectDeniedReads().required(ecs.describeServices(cluster, names), undefined)) ??
          describeOneByOne(cluster, names)
        );
      },
      describeTaskDefinition: (...asked) =>
        refusals.required(ecs.describeTaskDefinition(...asked), emptyTaskDefinition),
      describeClusters: (...asked) => refusals.optional(ecs.describeClusters(...asked)),
      listServiceDeployments: (...asked) => refusals.optional(ecs.listServiceDeployments(...asked)),
      describeServiceRevisions: (...asked) =>
        refusals.optional(ecs.describeServiceRevisions(...asked)),
    },
    ecr: {
      ...ecr,
      describeRepository: (...asked) =>
        refusals.required(ecr.describeRepository(...asked), undefined),
      describeImage: (...asked) => refusals.required(ecr.describeImage(...asked), undefined),
    },
  };
}

/**
 * The current revisions, the previous ones while a deployment is in progress, and the rollback
 * targets.
 */
function revisionsOf(
  inputs: Inputs,
  services: readonly ObservedService[],
  memory: RollbackData,
): readonly string[] {
  return services.flatMap((service) => {
    const rollbackTarget = isRollback(inputs)
      ? rollbackTargetOf(inputs, service, memory)
      : undefined;
    const target =
      rollbackTarget && "taskDefinitionArn" in rollbackTarget
        ? [rollbackTarget.taskDefinitionArn]
        : [];
    return [service.taskDefinitionArn, previousStableRevisionArn(service), ...target].filter(
      Boolean,
    );
  });
}

/** Whether ECR creates it on push: its template counts more than `if-repository-missing: create`. */
async function observeMissingRepository(
  inputs: Inputs,
  { repository }: Pick<ObservedImages, "repository">,
  session: ObservedAws,
): Promise<Pick<Observed, "repository" | "templateError">> {
  const { ecrRepository: name, image, awsRegion } = inputs;
  const isMissing = repository === undefined || repository.isMissing;
  const isNeeded = image === undefined && !isRollback(inputs);
  if (!isMissing || !isNeeded || name === undefined)
    return { repository, templateError: undefined };
  const { observeCreationTemplate } = await import("./observe-creation-template.ts");
  const lookup = await observeCreationTemplate(name, awsRegion, session);
  if ("error" in lookup) return { repository, templateError: lookup.error };
  return { repository: lookup.value ?? repository, templateError: undefined };
}

/** A rollback builds nothing: the images are those of the revision. */
function noImage({ commit }: ObservePorts): ObservedImages {
  return { commit: { sha: commit }, repository: undefined, tags: {}, externalImages: [] };
}

function observeImage(
  inputs: Inputs,
  { ecr, identity }: Pick<ObservedAws, "ecr" | "identity">,
  ports: ObservePorts,
): Promise<ObservedImages> {
  if (inputs.image === undefined) return observeRepository(inputs, { ecr, identity }, ports);
  return observeExternalImages(inputs.image, ports);
}

async function observeRepository(
  inputs: Inputs,
  { ecr, identity }: Pick<ObservedAws, "ecr" | "identity">,
  ports: ObservePorts,
): Promise<ObservedImages> {
  const name = inputs.ecrRepository ?? "";
  const tags = chooseTags(inputs, ports.commit);
  const [commit, existing, images]: [
    ObservedCommit,
    ObservedRepository | undefined,
    (ObservedImage | undefined)[],
  ] = await Promise.all([
    readCommitMetadata(ports.commit, ports),
    ecr.describeRepository(name),
    Promise.all(tags.map((tag) => ecr.describeImage(name, tag))),
  ]);
  const repository = existing ?? (await missingRepository(inputs, identity, ports));
  const [first] = tags;
  const found = {
    ...Object.fromEntries(tags.map((tag, at) => [tag, images[at]])),
    [first]: await addLabels(inputs, images[0], repository, ports),
  };
  return { commit, repository, tags: found, externalImages: [] };
}

/** undefined: the step does not create it. */
async function missingRepository(
  inputs: Inputs,
  identity: AwsSession["identity"],
  { registry }: ObservePorts,
): Promise<ObservedRepository | undefined> {
  if (inputs.ifRepositoryMissing !== "create") return undefined;
  const { host } = await registry.ecrPassword();
  const partition = parseArn(identity.arn)?.partition;
  const arnPrefix = `arn:${partition}:ecr:${inputs.awsRegion}:${identity.accountId}`;
  return repositoryToCreate(inputs, { host, arnPrefix });
}

/** The image exists, and the service may run a different one under its tag. */
function needsRunningImages(
  inputs: Inputs,
  { repository, tags, externalImages, commit }: ObservedImages,
): boolean {
  if (isRollback(inputs)) return false;
  const [tag = commit.sha] = inputs.imageTag;
  const found = inputs.image ? externalImages : [tags[tag]];
  return !found.includes(undefined) && isMutable(inputs, repository, tag);
}

/** Only these choices depend on the labels: the others ignore who built the image. */
const readsLabels: ReadonlySet<Inputs["ifImageExists"]> = new Set(["auto", "reuse"]);

/** The deployed tag's image with its labels. */
async function addLabels(
  { ifImageExists }: Inputs,
  image: ObservedImage | undefined,
  repository: ObservedRepository | undefined,
  { registry }: ObservePorts,
): Promise<ObservedImage | undefined> {
  if (!image || !repository || !readsLabels.has(ifImageExists) || isArchived(image)) return image;
  return { ...image, labels: await inspectLabels(`${repository.uri}@${image.digest}`, registry) };
}

async function observeExternalImages(
  images: readonly RequestedImage[],
  { commit, registry }: ObservePorts,
): Promise<ObservedImages> {
  const reads = images.map(({ reference }) => inspectImage(reference, registry));
  return {
    commit: { sha: commit },
    repository: undefined,
    tags: {},
    externalImages: await Promise.all(reads),
  };
}
