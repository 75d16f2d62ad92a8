// What is there of services, clusters, task definitions and log groups: read only, batched; what may not be read is said, and no more.

import { isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { AwsSession } from "../aws/session.ts";
import type {
  Looked,
  ObservedService,
  ObservedTaskDefinition,
  PastDeployment,
  RunningImage,
} from "../ecs/observed.ts";
import { DeployError } from "../errors.ts";
import { isRollback } from "../inputs/is-rollback.ts";
import { soughtPlaces } from "../inputs/requested-services.ts";
import type { Inputs } from "../inputs/schema.ts";
import { objectsOf, stringOf } from "../json.ts";
import type { SoughtService } from "../plan/check-targets.ts";
import { awslogsGroups } from "../plan/checks.ts";
import type { Observed } from "../plan/observed.ts";
import type { Draft } from "../plan/task-definition/draft.ts";
import type { Source } from "../plan/task-definition/revision.ts";

type Ecs = AwsSession["ecs"];

export interface FoundServices {
  readonly services: readonly SoughtService[];
  /** Clusters that ECS does not know. */
  readonly missing: readonly string[];
}

export async function observeServices(
  inputs: Pick<Inputs, "service" | "cluster">,
  ecs: Ecs,
  options?: CallOptions,
): Promise<FoundServices> {
  const sought = soughtPlaces(inputs);
  const clusters = [...new Set(sought.map(({ cluster }) => cluster))];
  const found = new Map<string, ObservedService>();
  const missing = new Set<string>();
  const reads = clusters.flatMap((cluster) => {
    const names = sought.filter((service) => service.cluster === cluster).map(({ name }) => name);
    return chunks(names, 10).map(async (some) => {
      const services = await orMissing(ecs.describeServices(cluster, some, options));
      if (!services) missing.add(cluster);
      for (const service of services ?? []) found.set(`${cluster}/${service.name}`, service);
    });
  });
  await Promise.all(reads);
  const services = sought.map((one) => ({
    ...one,
    observed: found.get(`${one.cluster}/${one.name}`),
  }));
  return { services, missing: [...missing] };
}

/** undefined: there is no such cluster. */
export async function orMissing<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DeployError && error.code === "ClusterNotFound") return undefined;
    throw error;
  }
}

export async function observeClusters(
  services: readonly SoughtService[],
  missing: readonly string[],
  ecs: Ecs,
): Promise<Observed["clusters"]> {
  const gone = Object.fromEntries(missing.map((cluster) => [cluster, "MISSING"]));
  const names = [...new Set(services.map(({ cluster }) => cluster))].filter(
    (cluster) => !missing.includes(cluster),
  );
  if (names.length === 0) return { value: gone };
  const looked = await look(async () =>
    Object.fromEntries(await ecs.describeClusters(names, patience)),
  );
  if ("refused" in looked) return missing.length === 0 ? looked : { value: gone };
  return { value: { ...looked.value, ...gone } };
}

/** The file or revision that `task-definition` names. */
export async function observeSource(inputs: Inputs, ecs: Ecs): Promise<Looked<Source> | undefined> {
  const { taskDefinition: given, awsRegion } = inputs;
  if (!given || isRollback(inputs)) return undefined;
  if ("path" in given)
    return { value: { kind: "file", path: given.path, document: given.document ?? {} } };
  const revision = await describeOrNothing(given.revision, ecs);
  if (revision) return { value: { kind: "revision", revision } };
  return { refused: `There is no task definition "${given.revision}" in ${awsRegion}.` };
}

/** ECS's answer to a name that it does not know is a bare ClientException. */
export async function describeOrNothing(
  name: string,
  ecs: Ecs,
): Promise<ObservedTaskDefinition | undefined> {
  try {
    return await ecs.describeTaskDefinition(name);
  } catch (error) {
    if (isAwsError(error, "ClientException", "InvalidParameterException")) return undefined;
    throw error;
  }
}

export async function describeAll(
  arns: readonly string[],
  ecs: Ecs,
): Promise<Observed["taskDefinitions"]> {
  const described = [...new Set(arns)].map(
    async (arn) => [arn, await ecs.describeTaskDefinition(arn)] as const,
  );
  return Object.fromEntries(await Promise.all(described));
}

export type Memory = Pick<Observed, "history" | "named">;

/** What was deployed before: asked only where it matters, for it takes two calls a service. */
export async function observeMemory(
  inputs: Inputs,
  services: readonly ObservedService[],
  ecs: Ecs,
): Promise<Memory> {
  const { to } = inputs;
  const byRevision = to && "revision" in to ? to.revision : undefined;
  const asked = services.filter(
    ({ controller, status, deployments }) =>
      controller === "ECS" &&
      status === "ACTIVE" &&
      byRevision === undefined &&
      (isRollback(inputs) || !deployments.some(({ rolloutState }) => rolloutState === "COMPLETED")),
  );
  const history = asked.map(
    async (service) => [service.arn, await look(() => readHistory(service, ecs))] as const,
  );
  const named =
    byRevision === undefined
      ? []
      : services.map((service) => nameRevision(service, byRevision, ecs));
  return {
    history: Object.fromEntries(await Promise.all(history)),
    named: Object.fromEntries((await Promise.all(named)).flat()),
  };
}

/** A number alone is a revision of the family that runs. A deregistered one cannot be deployed again. */
async function nameRevision(
  { arn, taskDefinitionArn }: ObservedService,
  revision: string,
  ecs: Ecs,
): Promise<readonly (readonly [string, string])[]> {
  const family = taskDefinitionArn.split("/").at(-1)?.replace(/:\d+$/, "") ?? "";
  const found = await describeOrNothing(
    /^\d+$/.test(revision) ? `${family}:${revision}` : revision,
    ecs,
  );
  return found && found.definition.status !== "INACTIVE" ? [[arn, found.arn]] : [];
}

async function readHistory(service: ObservedService, ecs: Ecs): Promise<readonly PastDeployment[]> {
  const { clusterArn: cluster, arn } = service;
  const briefs = await ecs.listServiceDeployments(
    { cluster, service: arn, createdAfter: 0 },
    patience,
  );
  const arns = [...new Set(briefs.map(({ targetRevisionArn }) => targetRevisionArn))];
  const reads = chunks(arns, 20).map((some) => ecs.describeServiceRevisions(some, patience));
  const known = new Map(
    (await Promise.all(reads)).flat().map((revision) => [revision.arn, revision]),
  );
  return briefs.map(({ createdAt, status, targetRevisionArn }) => {
    const { taskDefinitionArn = "", images = [] } = known.get(targetRevisionArn) ?? {};
    return {
      createdAt,
      status,
      taskDefinitionArn,
      images: images.map(({ image }) => image),
      digests: Object.fromEntries(
        images.flatMap(({ image, digest }) => (digest ? [[image, digest]] : [])),
      ),
    };
  });
}

/**
 * The images that ECS resolved for the revision that each service runs or is being moved to. A tag that moves says nothing of them: the
 * task definition stays the same text.
 */
export async function observeRunningImages(
  services: readonly ObservedService[],
  ecs: Ecs,
): Promise<Observed["running"]> {
  const looked = services.map(async (service) => {
    const arns = objectsOf(service.raw.currentServiceRevisions).flatMap(
      ({ arn }) => stringOf(arn) ?? [],
    );
    return [service.arn, await look(() => readRunningImages(service, arns, ecs))] as const;
  });
  return Object.fromEntries(await Promise.all(looked));
}

async function readRunningImages(
  { taskDefinitionArn }: ObservedService,
  revisionArns: readonly string[],
  ecs: Ecs,
): Promise<readonly RunningImage[]> {
  if (revisionArns.length === 0) return [];
  const revisions = await ecs.describeServiceRevisions(revisionArns, patience);
  const [newest] = revisions
    .filter((revision) => revision.taskDefinitionArn === taskDefinitionArn)
    .toSorted((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0));
  return newest?.images ?? [];
}

/** The log groups that the drafts of the new revisions name. */
export async function observeLogGroups(
  drafts: readonly Draft[],
  region: string,
  logs: AwsSession["logs"],
): Promise<Observed["logGroups"]> {
  const groups = new Set(
    drafts.flatMap(({ definition }) => awslogsGroups(definition, region).map(({ group }) => group)),
  );
  const looked = [...groups].map(
    async (group) => [group, await look(() => logs.hasGroup(group, patience))] as const,
  );
  return Object.fromEntries(await Promise.all(looked));
}

/** What is only checked is not waited for as long as what is needed. */
const patience: CallOptions = { patienceMilliseconds: 5_000 };

/** A check that cannot be made is said to be not made; only a cancel is more than that. */
async function look<Value>(work: () => Promise<Value>): Promise<Looked<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
    return { refused: error.message };
  }
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
