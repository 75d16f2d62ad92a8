// Reads services, clusters, task definitions and log groups, in batches; a denied optional read is
// only reported.

import { isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { AwsSession } from "../aws/session.ts";
import { shortRevision } from "../ecs/arn.ts";
import { chunks } from "../ecs/chunks.ts";
import { isExpressService } from "../ecs/express.ts";
import type {
  Lookup,
  ObservedService,
  ObservedTaskDefinition,
  PastDeployment,
  RunningImage,
} from "../ecs/observed.ts";
import { DeployError } from "../errors.ts";
import { isRollback } from "../inputs/is-rollback.ts";
import { requestedServices } from "../inputs/requested-services.ts";
import type { Inputs } from "../inputs/schema.ts";
import { objectsOf, stringOf } from "../json.ts";
import type { RequestedService } from "../plan/check-targets.ts";
import { awslogsGroups } from "../plan/checks.ts";
import type { Observed } from "../plan/observed.ts";
import type { Draft } from "../plan/task-definition/draft.ts";

export type EcsClient = AwsSession["ecs"];

interface ObservedServices {
  readonly services: readonly RequestedService[];
  /** Clusters that ECS does not know. */
  readonly missingClusters: readonly string[];
}

export async function observeServices(
  inputs: Pick<Inputs, "service" | "cluster">,
  ecs: EcsClient,
  options?: CallOptions,
): Promise<ObservedServices> {
  const requested = requestedServices(inputs);
  const clusters = [...new Set(requested.map(({ cluster }) => cluster))];
  const found = new Map<string, ObservedService>();
  const missing = new Set<string>();
  const reads = clusters.flatMap((cluster) => {
    const names = requested
      .filter((service) => service.cluster === cluster)
      .map(({ name }) => name);
    return chunks(names, 10).map(async (chunk) => {
      const services = await undefinedIfClusterMissing(
        ecs.describeServices(cluster, chunk, options),
      );
      if (!services) missing.add(cluster);
      for (const service of services ?? []) found.set(`${cluster}/${service.name}`, service);
    });
  });
  await Promise.all(reads);
  const services = requested.map((one) => ({
    ...one,
    observed: found.get(`${one.cluster}/${one.name}`),
  }));
  return { services, missingClusters: [...missing] };
}

/** undefined: there is no such cluster. */
export async function undefinedIfClusterMissing<Value>(
  work: Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DeployError && error.code === "ClusterNotFound") return undefined;
    throw error;
  }
}

export async function observeClusters(
  services: readonly RequestedService[],
  missing: readonly string[],
  ecs: EcsClient,
): Promise<Observed["clusters"]> {
  const missingStatus = Object.fromEntries(missing.map((cluster) => [cluster, "MISSING"]));
  const names = [...new Set(services.map(({ cluster }) => cluster))].filter(
    (cluster) => !missing.includes(cluster),
  );
  if (names.length === 0) return { value: missingStatus };
  const lookup = await tryLookup(async () =>
    Object.fromEntries(await ecs.describeClusters(names, lookupOptions)),
  );
  if ("error" in lookup) {
    if (missing.length === 0) return lookup;
    return { value: missingStatus };
  }
  return { value: { ...lookup.value, ...missingStatus } };
}

/** ECS's answer to a name that it does not know is a bare ClientException. */
export async function findTaskDefinition(
  name: string,
  ecs: EcsClient,
): Promise<ObservedTaskDefinition | undefined> {
  try {
    return await ecs.describeTaskDefinition(name);
  } catch (error) {
    if (isAwsError(error, "ClientException", "InvalidParameterException")) return undefined;
    throw error;
  }
}

export async function describeTaskDefinitions(
  arns: readonly string[],
  ecs: EcsClient,
): Promise<Observed["taskDefinitions"]> {
  const described = [...new Set(arns)].map(
    async (arn) => [arn, await ecs.describeTaskDefinition(arn)] as const,
  );
  return Object.fromEntries(await Promise.all(described));
}

export type RollbackData = Pick<Observed, "history" | "rollbackRevisions">;

/** The deployment history: read only where it is needed, because it takes two calls per service. */
export async function observeRollbackData(
  inputs: Inputs,
  services: readonly ObservedService[],
  ecs: EcsClient,
): Promise<RollbackData> {
  const { to } = inputs;
  const requestedRevision = to && "revision" in to ? to.revision : undefined;
  const withHistory = services.filter(
    ({ controller, status, deployments }) =>
      controller === "ECS" &&
      status === "ACTIVE" &&
      requestedRevision === undefined &&
      (isRollback(inputs) || !deployments.some(({ rolloutState }) => rolloutState === "COMPLETED")),
  );
  const history = withHistory.map(
    async (service) => [service.arn, await tryLookup(() => readHistory(service, ecs))] as const,
  );
  const named =
    requestedRevision === undefined
      ? []
      : services.map((service) => findRollbackRevision(service, requestedRevision, ecs));
  return {
    history: Object.fromEntries(await Promise.all(history)),
    rollbackRevisions: Object.fromEntries((await Promise.all(named)).flat()),
  };
}

/**
 * A number alone is a revision of the family that runs. A deregistered one cannot be deployed
 * again.
 */
async function findRollbackRevision(
  { arn, taskDefinitionArn }: ObservedService,
  revision: string,
  ecs: EcsClient,
): Promise<readonly (readonly [string, string])[]> {
  const family = shortRevision(taskDefinitionArn).replace(/:\d+$/, "");
  const found = await findTaskDefinition(
    /^\d+$/.test(revision) ? `${family}:${revision}` : revision,
    ecs,
  );
  if (found && found.definition.status !== "INACTIVE") return [[arn, found.arn]];
  return [];
}

async function readHistory(
  service: ObservedService,
  ecs: EcsClient,
): Promise<readonly PastDeployment[]> {
  const { clusterArn: cluster, arn } = service;
  const deployments = await ecs.listServiceDeployments(
    { cluster, service: arn, createdAfter: 0 },
    lookupOptions,
  );
  const arns = [...new Set(deployments.map(({ targetRevisionArn }) => targetRevisionArn))];
  const reads = chunks(arns, 20).map((chunk) => ecs.describeServiceRevisions(chunk, lookupOptions));
  const known = new Map(
    (await Promise.all(reads)).flat().map((revision) => [revision.arn, revision]),
  );
  return deployments.map(({ createdAt, status, targetRevisionArn }) => {
    const { taskDefinitionArn = "", images = [] } = known.get(targetRevisionArn) ?? {};
    return {
      createdAt,
      status,
      taskDefinitionArn,
      images: images.map(({ image }) => image),
      digests: Object.fromEntries(
        images.flatMap(({ image, digest }) => {
          if (digest) return [[image, digest]];
          return [];
        }),
      ),
    };
  });
}

/**
 * The images that ECS resolved for the revision that each service runs or is being moved to. A
 * mutable tag does not identify them: the task definition keeps the same text.
 */
export async function observeRunningImages(
  services: readonly ObservedService[],
  ecs: EcsClient,
): Promise<Observed["runningImages"]> {
  const looked = services.map(async (service) => {
    const arns = currentRevisionArns(service);
    return [service.arn, await tryLookup(() => readRunningImages(service, arns, ecs))] as const;
  });
  return Object.fromEntries(await Promise.all(looked));
}

async function readRunningImages(
  { taskDefinitionArn }: ObservedService,
  revisionArns: readonly string[],
  ecs: EcsClient,
): Promise<readonly RunningImage[]> {
  if (revisionArns.length === 0) return [];
  const revisions = await ecs.describeServiceRevisions(revisionArns, lookupOptions);
  const [newest] = revisions
    .filter((revision) => revision.taskDefinitionArn === taskDefinitionArn)
    .toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0));
  return newest?.images ?? [];
}

/**
 * What ECS manages for the Express Mode services among these. One that cannot be read is left out:
 * it costs the URL of a service that is up to date, and no verdict.
 */
export async function observeInfrastructure(
  services: readonly ObservedService[],
  ecs: Pick<EcsClient, "describeServiceRevisions">,
): Promise<Observed["infrastructure"]> {
  const reads = services.filter(isExpressService).map(async (service) => {
    const arns = currentRevisionArns(service);
    const lookup = await tryLookup(() => ecs.describeServiceRevisions(arns, lookupOptions));
    const revisions = "value" in lookup ? lookup.value : [];
    return revisions.flatMap(({ infrastructure }) => {
      if (!infrastructure) return [];
      return [[service.arn, infrastructure] as const];
    });
  });
  return Object.fromEntries((await Promise.all(reads)).flat());
}

export function currentRevisionArns({ raw }: ObservedService): readonly string[] {
  return objectsOf(raw.currentServiceRevisions).flatMap(({ arn }) => stringOf(arn) ?? []);
}

/** The log groups that the drafts of the new revisions name. */
export async function observeLogGroups(
  drafts: readonly Pick<Draft, "definition">[],
  region: string,
  logs: AwsSession["logs"],
): Promise<Observed["logGroups"]> {
  const groups = new Set(
    drafts.flatMap(({ definition }) => awslogsGroups(definition, region).map(({ group }) => group)),
  );
  const looked = [...groups].map(
    async (group) =>
      [group, await tryLookup(() => logs.logGroupExists(group, lookupOptions))] as const,
  );
  return Object.fromEntries(await Promise.all(looked));
}

/** Optional checks retry for a shorter time than required reads. */
export const lookupOptions: CallOptions = { retryForMilliseconds: 5_000 };

/** A failed lookup becomes an error value; only a cancellation is thrown. */
export async function tryLookup<Value>(work: () => Promise<Value>): Promise<Lookup<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
    return { error: error.message };
  }
}
