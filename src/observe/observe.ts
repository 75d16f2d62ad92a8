// What is there before anything moves: read only, in parallel, in seconds.

import { collectRefusals, type Refusals } from "../aws/access-denied.ts";
import { knownShapes } from "../aws/sdk-schema.ts";
import type { AwsSession } from "../aws/session.ts";
import type { Clock } from "../clock.ts";
import { parseArn } from "../ecs/arn.ts";
import type {
  ObservedCommit,
  ObservedImage,
  ObservedRepository,
  ObservedService,
} from "../ecs/observed.ts";
import { observeCommit } from "../image/commit-metadata.ts";
import { lookUpImage, lookUpLabels, type RegistryPorts } from "../image/registry.ts";
import { isRollback } from "../inputs/is-rollback.ts";
import type { Inputs } from "../inputs/schema.ts";
import { chooseTags, mayMove } from "../plan/image/image.ts";
import type { Observed } from "../plan/observed.ts";
import { wayBackOf } from "../plan/plan-rollback.ts";
import { earlierRevisionArn } from "../plan/service/service.ts";
import { type Draft, draftServices } from "../plan/task-definition/draft.ts";
import type { RunProcess } from "../process/run-process.ts";
import {
  describeAll,
  describeOrNothing,
  type Memory,
  observeClusters,
  observeLogGroups,
  observeMemory,
  observeRunningImages,
  observeServices,
  observeSource,
} from "./observe-services.ts";

export interface ObservePorts {
  readonly registry: RegistryPorts;
  readonly run: RunProcess;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly commit: string;
  readonly clock: Clock;
}

type ObservedAws = Pick<AwsSession, "ecs" | "ecr" | "logs" | "identity">;

export interface Observation {
  readonly observed: Observed;
  /** The new revision of each service as far as it is known before the image is; none for a rollback. */
  readonly drafts: readonly Draft[];
}

/**
 * Two rounds: what is there, and then what the drafts of the new revisions name.
 * @throws DeployError `PermissionMissing` that names every read that the role may not make
 */
export async function observe(
  inputs: Inputs,
  asked: ObservedAws,
  ports: ObservePorts,
): Promise<Observation> {
  const refusals = collectRefusals();
  const aws = { ...asked, ...noting(refusals, asked) };
  const { ecs, logs, identity } = aws;
  const [image, { services, missing }, source] = await Promise.all([
    isRollback(inputs)
      ? nothing(ports)
      : refusals.or(observeImage(inputs, aws.ecr, ports), nothing(ports)),
    observeServices(inputs, ecs),
    observeSource(inputs, ecs),
  ]);
  const found = services.flatMap(({ observed }) => observed ?? []);
  const [clusters, memory, running] = await Promise.all([
    observeClusters(services, missing, ecs),
    observeMemory(inputs, found, ecs),
    tagTellsNothing(inputs, image) ? observeRunningImages(found, ecs) : {},
  ]);
  const taskDefinitions = await describeAll(revisionsOf(inputs, found, memory), ecs);
  // Where not even the service may be read, its task definition is not known. Any name tells whether one may be read.
  if (refusals.any() && found.length === 0) await describeOrNothing(services[0]?.name ?? "", ecs);
  refusals.throwAll();
  const first: Observed = {
    region: inputs.awsRegion,
    accountId: identity.accountId,
    partition: parseArn(identity.arn)?.partition ?? "",
    at: ports.clock.now(),
    ...image,
    services,
    source,
    clusters,
    ...memory,
    running,
    taskDefinitions,
    logGroups: {},
    shapes: knownShapes(),
  };
  const drafts = isRollback(inputs) ? [] : draftServices(inputs, first);
  const logGroups = await observeLogGroups(drafts, first.region, logs);
  return { observed: { ...first, logGroups }, drafts };
}

/** The same reads; a refused one is noted, and answers as if nothing were there. What follows from that is never told: the refusals are. */
function noting(refusals: Refusals, { ecs, ecr }: ObservedAws): Pick<ObservedAws, "ecs" | "ecr"> {
  const unread = { arn: "", definition: {}, tags: [] };
  const oneByOne = async (cluster: string, names: readonly string[]) =>
    (
      await Promise.all(names.map((name) => refusals.or(ecs.describeServices(cluster, [name]), [])))
    ).flat();
  return {
    ecs: {
      ...ecs,
      // Of several services IAM names only the first that it refuses.
      describeServices: async (cluster, names) =>
        names.length === 1
          ? oneByOne(cluster, names)
          : ((await collectRefusals().or(ecs.describeServices(cluster, names), undefined)) ??
            oneByOne(cluster, names)),
      describeTaskDefinition: (...asked) =>
        refusals.or(ecs.describeTaskDefinition(...asked), unread),
      describeClusters: (...asked) => refusals.note(ecs.describeClusters(...asked)),
      listServiceDeployments: (...asked) => refusals.note(ecs.listServiceDeployments(...asked)),
      describeServiceRevisions: (...asked) => refusals.note(ecs.describeServiceRevisions(...asked)),
    },
    ecr: {
      ...ecr,
      describeRepository: (...asked) => refusals.or(ecr.describeRepository(...asked), undefined),
      describeImage: (...asked) => refusals.or(ecr.describeImage(...asked), undefined),
    },
  };
}

/** What runs, what ran before while a deployment is under way, and what the services go back to. */
function revisionsOf(
  inputs: Inputs,
  services: readonly ObservedService[],
  memory: Memory,
): readonly string[] {
  return services.flatMap((service) => {
    const way = isRollback(inputs) ? wayBackOf(inputs, service, memory) : undefined;
    const target = way && "taskDefinitionArn" in way ? [way.taskDefinitionArn] : [];
    return [service.taskDefinitionArn, earlierRevisionArn(service), ...target].filter(Boolean);
  });
}

type ImageFindings = Pick<Observed, "commit" | "repository" | "tags" | "ready">;

/** Going back builds nothing: the images are those of the revision. */
function nothing({ commit }: ObservePorts): ImageFindings {
  return { commit: { sha: commit }, repository: undefined, tags: {}, ready: undefined };
}

function observeImage(
  inputs: Inputs,
  ecr: AwsSession["ecr"],
  ports: ObservePorts,
): Promise<ImageFindings> {
  return inputs.image === undefined
    ? observeRepository(inputs, ecr, ports)
    : observeReady(inputs.image, ports);
}

async function observeRepository(
  inputs: Inputs,
  ecr: AwsSession["ecr"],
  ports: ObservePorts,
): Promise<ImageFindings> {
  const name = inputs.ecrRepository ?? "";
  const tags = chooseTags(inputs, ports.commit);
  const [commit, repository, images]: [
    ObservedCommit,
    ObservedRepository | undefined,
    (ObservedImage | undefined)[],
  ] = await Promise.all([
    observeCommit(ports.commit, ports),
    ecr.describeRepository(name),
    Promise.all(tags.map((tag) => ecr.describeImage(name, tag))),
  ]);
  const [first] = tags;
  const found = {
    ...Object.fromEntries(tags.map((tag, at) => [tag, images[at]])),
    [first]: await withLabels(inputs, images[0], repository, ports),
  };
  return { commit, repository, tags: found, ready: undefined };
}

/** The image is there, and the service may run another one under its tag. */
function tagTellsNothing(
  inputs: Inputs,
  { repository, tags, ready, commit }: ImageFindings,
): boolean {
  if (isRollback(inputs)) return false;
  const [tag = commit.sha] = inputs.imageTag;
  const isThere = inputs.image === undefined ? tags[tag] !== undefined : ready !== undefined;
  return isThere && mayMove(inputs, repository, tag);
}

/** What makes a difference to this choice: the others do as they say, whoever built the image. */
const asksForLabels: ReadonlySet<Inputs["ifImageExists"]> = new Set(["auto", "reuse"]);

/** The deployed tag's image with its labels. */
async function withLabels(
  { ifImageExists }: Inputs,
  image: ObservedImage | undefined,
  repository: ObservedRepository | undefined,
  { registry }: ObservePorts,
): Promise<ObservedImage | undefined> {
  if (!image || !repository || !asksForLabels.has(ifImageExists)) return image;
  return { ...image, labels: await lookUpLabels(`${repository.uri}@${image.digest}`, registry) };
}

async function observeReady(
  image: string,
  { commit, registry }: ObservePorts,
): Promise<ImageFindings> {
  return {
    commit: { sha: commit },
    repository: undefined,
    tags: {},
    ready: await lookUpImage(image, registry),
  };
}
