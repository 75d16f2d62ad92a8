// One look at all rollouts that are open: few calls, for reads are shared (ten services, twenty service deployments a call).

import { isAccessDenied, isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { Ecs } from "../aws/ecs.ts";
import type {
  OurDeployment,
  ServiceDeployment,
  ServiceDeploymentBrief,
  Snapshot,
  Unread,
} from "../ecs/deployment.ts";
import type { ClassicDeployment, ObservedService } from "../ecs/observed.ts";

/** What a rollout is read from. */
export type RolloutSource = Pick<
  Ecs,
  | "describeServices"
  | "describeServiceDeployments"
  | "describeServiceRevisions"
  | "listServiceDeployments"
>;

/** ECS's list is behind its own answers for some seconds. */
const clockSkewMilliseconds = 5_000;

/** Services by ARN-free key `cluster/name`. */
export async function lookAtServices(
  source: RolloutSource,
  rollouts: readonly OurDeployment[],
  options: CallOptions,
): Promise<ReadonlyMap<string, ObservedService>> {
  const clusters = [...new Set(rollouts.map(({ cluster }) => cluster))];
  const reads = clusters.flatMap((cluster) => {
    const names = rollouts
      .filter((rollout) => rollout.cluster === cluster)
      .map(({ service }) => service);
    return chunks(names, 10).map(async (some) =>
      (await source.describeServices(cluster, some, options)).map(
        (found) => [serviceKey({ cluster, service: found.name }), found] as const,
      ),
    );
  });
  return new Map((await Promise.all(reads)).flat());
}

export async function lookAtServiceDeployments(
  source: RolloutSource,
  rollouts: readonly OurDeployment[],
  options: CallOptions,
): Promise<ReadonlyMap<string, ServiceDeployment>> {
  const arns = rollouts.flatMap(({ serviceDeploymentArn }) => serviceDeploymentArn ?? []);
  const reads = chunks(arns, 20).map((some) => source.describeServiceDeployments(some, options));
  return new Map(
    (await Promise.all(reads)).flat().map((deployment) => [deployment.arn, deployment]),
  );
}

/** What is asked to find out under which ARN ECS has recorded a deployment. */
export type IdentitySource = Pick<
  RolloutSource,
  "listServiceDeployments" | "describeServiceRevisions"
>;

/**
 * The service deployments that our updates started, by classic id. No member of an answer links the two: ours was created when its
 * classic twin was, and its target revision carries the id's number or our task definition. Absent: ECS has not recorded it yet.
 */
export async function identify(
  source: IdentitySource,
  rollouts: readonly OurDeployment[],
  options: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const candidates = await Promise.all(
    rollouts.map(async (ours) => {
      const { cluster, service, startedAt } = ours;
      const request = { cluster, service, createdAfter: startedAt - clockSkewMilliseconds };
      return { ours, briefs: await source.listServiceDeployments(request, options) };
    }),
  );
  const unnumbered = candidates.flatMap(({ ours, briefs }) =>
    numbered(ours, briefs) ? [] : laterOf(ours, briefs),
  );
  const revisions = await taskDefinitionsOf(source, unnumbered, options);
  const found = candidates.flatMap(({ ours, briefs }): [string, string][] => {
    const mine = numbered(ours, briefs) ?? twinOf(ours, briefs, revisions);
    return mine ? [[ours.id, mine.arn]] : [];
  });
  return new Map(found);
}

function numbered(
  { id }: OurDeployment,
  briefs: readonly ServiceDeploymentBrief[],
): ServiceDeploymentBrief | undefined {
  const number = id.split("/").at(-1) ?? "";
  return briefs.find(({ targetRevisionArn }) => targetRevisionArn.endsWith(`/${number}`));
}

function laterOf(
  { startedAt }: OurDeployment,
  briefs: readonly ServiceDeploymentBrief[],
): readonly ServiceDeploymentBrief[] {
  return briefs.filter(({ createdAt }) => createdAt >= startedAt - 1_000);
}

/** The same revision may have been started twice (forced, and the first answer lost): ours was made when its classic twin was. */
function twinOf(
  ours: OurDeployment,
  briefs: readonly ServiceDeploymentBrief[],
  taskDefinitions: ReadonlyMap<string, string>,
): ServiceDeploymentBrief | undefined {
  const distance = ({ createdAt }: ServiceDeploymentBrief) => Math.abs(createdAt - ours.startedAt);
  return laterOf(ours, briefs)
    .filter(
      ({ targetRevisionArn }) => taskDefinitions.get(targetRevisionArn) === ours.taskDefinitionArn,
    )
    .toSorted((one, other) => distance(one) - distance(other))[0];
}

async function taskDefinitionsOf(
  source: IdentitySource,
  briefs: readonly ServiceDeploymentBrief[],
  options: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const arns = briefs.map(({ targetRevisionArn }) => targetRevisionArn);
  const reads = chunks(arns, 20).map((some) => source.describeServiceRevisions(some, options));
  return new Map(
    (await Promise.all(reads)).flat().map(({ arn, taskDefinitionArn }) => [arn, taskDefinitionArn]),
  );
}

/** Deployments of the same service that began after ours, newest first: asked only when ours was stopped. */
export async function lookForNewer(
  source: RolloutSource,
  ours: OurDeployment,
  mine: ServiceDeployment,
  options: CallOptions,
): Promise<readonly ServiceDeploymentBrief[]> {
  const { cluster, service } = ours;
  const request = { cluster, service, createdAfter: mine.createdAt };
  const all = await source.listServiceDeployments(request, options);
  return all.filter(({ arn, createdAt }) => arn !== mine.arn && createdAt > mine.createdAt);
}

/** The deployment of a revision that was not there before the update, in a service's classic list. */
export function begunOf(
  now: readonly ClassicDeployment[],
  earlierIds: readonly string[],
  taskDefinitionArn: string | undefined,
): ClassicDeployment | undefined {
  return now.find(
    (one) => !earlierIds.includes(one.id) && one.taskDefinitionArn === taskDefinitionArn,
  );
}

export function serviceKey({
  cluster,
  service,
}: Pick<OurDeployment, "cluster" | "service">): string {
  return `${cluster}/${service}`;
}

/** All that one look at all rollouts has brought. `seen`: ids that the classic list has shown so far; added to. */
export interface Sight {
  readonly services: ReadonlyMap<string, ObservedService>;
  readonly deployments: ReadonlyMap<string, ServiceDeployment>;
  /** The services could not be read. */
  readonly unread: Unread | undefined;
  readonly at: number;
  readonly seen: Set<string>;
}

export function snapshotOf(
  ours: OurDeployment,
  { services, deployments, unread, at, seen }: Sight,
): Snapshot {
  const service = services.get(serviceKey(ours));
  const serviceDeployment = deployments.get(ours.serviceDeploymentArn ?? "");
  if (service?.deployments.some(({ id }) => id === ours.id)) seen.add(ours.id);
  return {
    at,
    seen: seen.has(ours.id),
    newer: [],
    ...(service && { service }),
    ...(serviceDeployment && { serviceDeployment }),
    ...(unread && { unread }),
  };
}

/** The calls of the newer API are refused, or this partition has none. The classic view remains. */
export function isNotOffered(error: unknown): boolean {
  return (
    isAccessDenied(error) ||
    isAwsError(error, "UnknownOperationException", "UnsupportedFeatureException")
  );
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
