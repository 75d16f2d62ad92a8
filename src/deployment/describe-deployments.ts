// Reads all rollouts that are open in few shared calls: ten services, or twenty service
// deployments, per call.

import { isAccessDenied, isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { Ecs } from "../aws/ecs.ts";
import { resourceId } from "../ecs/arn.ts";
import { chunks } from "../ecs/chunks.ts";
import type {
  DeploymentSnapshot,
  OwnDeployment,
  ReadFailure,
  ServiceDeployment,
  ServiceDeploymentBrief,
} from "../ecs/deployment.ts";
import type { ClassicDeployment, ObservedService } from "../ecs/observed.ts";

/** The calls from which the state of a rollout is read. */
export type RolloutSource = Pick<
  Ecs,
  | "describeServices"
  | "describeServiceDeployments"
  | "describeServiceRevisions"
  | "listServiceDeployments"
>;

/** ECS's list is some seconds behind its other responses. */
const listingLagMilliseconds = 5_000;

/** Services by ARN-free key `cluster/name`. */
export async function describeServicesByCluster(
  source: RolloutSource,
  rollouts: readonly OwnDeployment[],
  options: CallOptions,
): Promise<ReadonlyMap<string, ObservedService>> {
  const clusters = [...new Set(rollouts.map(({ cluster }) => cluster))];
  const reads = clusters.flatMap((cluster) => {
    const names = rollouts
      .filter((rollout) => rollout.cluster === cluster)
      .map(({ service }) => service);
    return chunks(names, 10).map(async (chunk) =>
      (await source.describeServices(cluster, chunk, options)).map(
        (found) => [serviceKey({ cluster, service: found.name }), found] as const,
      ),
    );
  });
  return new Map((await Promise.all(reads)).flat());
}

export async function describeServiceDeployments(
  source: RolloutSource,
  rollouts: readonly OwnDeployment[],
  options: CallOptions,
): Promise<ReadonlyMap<string, ServiceDeployment>> {
  const arns = rollouts.flatMap(({ serviceDeploymentArn }) => serviceDeploymentArn ?? []);
  const reads = chunks(arns, 20).map((chunk) => source.describeServiceDeployments(chunk, options));
  return new Map(
    (await Promise.all(reads)).flat().map((deployment) => [deployment.arn, deployment]),
  );
}

/** The calls that find the ARN under which ECS has recorded a deployment. */
export type ServiceDeploymentSource = Pick<
  RolloutSource,
  "listServiceDeployments" | "describeServiceRevisions"
>;

/**
 * The service deployments that our updates started, by classic id. No member of a response links
 * the two: ours was created at the same time as its classic deployment, and its target revision has
 * the id's number or our task definition. Absent: ECS has not recorded it yet.
 */
export async function findServiceDeployments(
  source: ServiceDeploymentSource,
  rollouts: readonly OwnDeployment[],
  options: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const candidates = await Promise.all(
    rollouts.map(async (own) => {
      const { cluster, service, startedAt } = own;
      const request = { cluster, service, createdAfter: startedAt - listingLagMilliseconds };
      return { own, briefs: await source.listServiceDeployments(request, options) };
    }),
  );
  const unmatched = candidates.flatMap(({ own, briefs }) => {
    if (findByRevisionNumber(own, briefs)) return [];
    return createdSince(own, briefs);
  });
  const revisions = await taskDefinitionsOf(source, unmatched, options);
  const found = candidates.flatMap(({ own, briefs }): [string, string][] => {
    const match = findByRevisionNumber(own, briefs) ?? findClassicTwin(own, briefs, revisions);
    if (match) return [[own.id, match.arn]];
    return [];
  });
  return new Map(found);
}

function findByRevisionNumber(
  { id }: OwnDeployment,
  briefs: readonly ServiceDeploymentBrief[],
): ServiceDeploymentBrief | undefined {
  const number = resourceId(id);
  return briefs.find(({ targetRevisionArn }) => targetRevisionArn.endsWith(`/${number}`));
}

function createdSince(
  { startedAt }: OwnDeployment,
  briefs: readonly ServiceDeploymentBrief[],
): readonly ServiceDeploymentBrief[] {
  return briefs.filter(({ createdAt }) => createdAt >= startedAt - 1_000);
}

/**
 * The same revision may have been started twice (forced, and the first response lost): ours was
 * created at the same time as its classic deployment.
 */
function findClassicTwin(
  own: OwnDeployment,
  briefs: readonly ServiceDeploymentBrief[],
  taskDefinitions: ReadonlyMap<string, string>,
): ServiceDeploymentBrief | undefined {
  const distance = ({ createdAt }: ServiceDeploymentBrief) => Math.abs(createdAt - own.startedAt);
  return createdSince(own, briefs)
    .filter(
      ({ targetRevisionArn }) => taskDefinitions.get(targetRevisionArn) === own.taskDefinitionArn,
    )
    .toSorted((a, b) => distance(a) - distance(b))[0];
}

async function taskDefinitionsOf(
  source: ServiceDeploymentSource,
  briefs: readonly ServiceDeploymentBrief[],
  options: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const arns = briefs.map(({ targetRevisionArn }) => targetRevisionArn);
  const reads = chunks(arns, 20).map((chunk) => source.describeServiceRevisions(chunk, options));
  return new Map(
    (await Promise.all(reads)).flat().map(({ arn, taskDefinitionArn }) => [arn, taskDefinitionArn]),
  );
}

/**
 * Deployments of the same service that began after ours, newest first: read only when ours was
 * stopped.
 */
export async function findNewerDeployments(
  source: RolloutSource,
  own: OwnDeployment,
  ownServiceDeployment: ServiceDeployment,
  options: CallOptions,
): Promise<readonly ServiceDeploymentBrief[]> {
  const { cluster, service } = own;
  const request = { cluster, service, createdAfter: ownServiceDeployment.createdAt };
  const all = await source.listServiceDeployments(request, options);
  return all.filter(
    ({ arn, createdAt }) =>
      arn !== ownServiceDeployment.arn && createdAt > ownServiceDeployment.createdAt,
  );
}

/**
 * The deployment of a revision that did not exist before the update, in a service's classic list.
 */
export function startedDeploymentIn(
  now: readonly ClassicDeployment[],
  earlierIds: readonly string[],
  taskDefinitionArn: string | undefined,
): ClassicDeployment | undefined {
  return now.find(
    (deployment) =>
      !earlierIds.includes(deployment.id) && deployment.taskDefinitionArn === taskDefinitionArn,
  );
}

export function serviceKey({
  cluster,
  service,
}: Pick<OwnDeployment, "cluster" | "service">): string {
  return `${cluster}/${service}`;
}

/**
 * The results of one poll of all rollouts. `seen`: ids that the classic list has shown so far;
 * added to.
 */
interface PollResult {
  readonly services: ReadonlyMap<string, ObservedService>;
  readonly deployments: ReadonlyMap<string, ServiceDeployment>;
  /** The services could not be read. */
  readonly readFailure: ReadFailure | undefined;
  readonly at: number;
  readonly seen: Set<string>;
}

export function snapshotOf(
  own: OwnDeployment,
  { services, deployments, readFailure, at, seen }: PollResult,
): DeploymentSnapshot {
  const service = services.get(serviceKey(own));
  const serviceDeployment = deployments.get(own.serviceDeploymentArn ?? "");
  if (service?.deployments.some(({ id }) => id === own.id)) seen.add(own.id);
  return {
    at,
    seen: seen.has(own.id),
    newer: [],
    service,
    serviceDeployment,
    readFailure,
  };
}

/**
 * The calls of the newer API are denied, or this partition does not have them. The classic view
 * remains.
 */
export function isUnsupported(error: unknown): boolean {
  return (
    isAccessDenied(error) ||
    isAwsError(error, "UnknownOperationException", "UnsupportedFeatureException")
  );
}
