// One look at all rollouts that are open: few calls, for reads are shared (ten services, twenty service deployments a call).

import type { CallOptions } from "../aws/call.ts";
import type { Ecs } from "../aws/ecs.ts";
import { isAccessDenied, isAwsError } from "../aws/translate.ts";
import type { ObservedService } from "../plan/observed.ts";
import type { OurDeployment, ServiceDeployment, ServiceDeploymentBrief, Snapshot } from "./snapshot.ts";

/** What a rollout is read from. */
export type RolloutSource = Pick<
  Ecs,
  "describeServices" | "describeServiceDeployments" | "describeServiceRevisions" | "listServiceDeployments"
>;

/** An outage shorter than this is outlived (FACTS H2: the SDK's own tries are over in 0.1 s). */
const patience: CallOptions = { patienceMilliseconds: 5 * 60_000 };

/** ECS's list is behind its own answers for some seconds (FACTS A4). */
const clockSkewMilliseconds = 5_000;

/** Services by ARN-free key `cluster/name`. */
export async function lookAtServices(
  source: RolloutSource,
  rollouts: readonly OurDeployment[],
): Promise<ReadonlyMap<string, ObservedService>> {
  const clusters = [...new Set(rollouts.map(({ cluster }) => cluster))];
  const reads = clusters.flatMap((cluster) => {
    const names = rollouts.filter((rollout) => rollout.cluster === cluster).map(({ service }) => service);
    return chunks(names, 10).map(async (some) =>
      (await source.describeServices(cluster, some, patience)).map(
        (service) => [`${cluster}/${service.name}`, service] as const,
      ),
    );
  });
  return new Map((await Promise.all(reads)).flat());
}

export async function lookAtServiceDeployments(
  source: RolloutSource,
  rollouts: readonly OurDeployment[],
): Promise<ReadonlyMap<string, ServiceDeployment>> {
  const arns = rollouts.flatMap(({ serviceDeploymentArn }) => serviceDeploymentArn ?? []);
  const reads = chunks(arns, 20).map((some) => source.describeServiceDeployments(some, patience));
  return new Map((await Promise.all(reads)).flat().map((deployment) => [deployment.arn, deployment]));
}

/**
 * The service deployment that our update started. Nothing in the API links it to the id in UpdateService's answer (FACTS A3, A4):
 * it was created at or after ours, and its target revision carries our id's number or our task definition.
 * undefined: ECS has not recorded it yet.
 */
export async function identify(
  source: Pick<RolloutSource, "listServiceDeployments" | "describeServiceRevisions">,
  ours: OurDeployment,
  options: CallOptions = patience,
): Promise<string | undefined> {
  const { cluster, service, startedAt, id, taskDefinitionArn } = ours;
  const candidates = await source.listServiceDeployments(
    { cluster, service, createdAfter: startedAt - clockSkewMilliseconds },
    options,
  );
  const number = id.split("/").at(-1) ?? "";
  const numbered = candidates.find(({ targetRevisionArn }) => targetRevisionArn.endsWith(`/${number}`));
  if (numbered) return numbered.arn;
  const later = candidates.filter(({ createdAt }) => createdAt >= startedAt - 1_000);
  if (later.length === 0) return undefined;
  const revisions = await source.describeServiceRevisions(
    later.map(({ targetRevisionArn }) => targetRevisionArn).slice(0, 20),
    options,
  );
  const mine = new Set(
    revisions.filter((revision) => revision.taskDefinitionArn === taskDefinitionArn).map(({ arn }) => arn),
  );
  // The same revision may have been started twice (forced, and the first answer lost): ours was made when its classic twin was.
  const distance = ({ createdAt }: ServiceDeploymentBrief) => Math.abs(createdAt - startedAt);
  return later
    .filter(({ targetRevisionArn }) => mine.has(targetRevisionArn))
    .toSorted((one, other) => distance(one) - distance(other))[0]?.arn;
}

/** Deployments of the same service that began after ours, newest first: asked only when ours was stopped. */
export async function lookForNewer(
  source: RolloutSource,
  ours: OurDeployment,
  mine: ServiceDeployment,
): Promise<readonly ServiceDeploymentBrief[]> {
  const { cluster, service } = ours;
  const request = { cluster, service, createdAfter: mine.createdAt };
  const all = await source.listServiceDeployments(request, patience).catch((error: unknown) => {
    if (isNotOffered(error)) return []; // the classic list still shows a newer one
    throw error;
  });
  return all.filter(({ arn, createdAt }) => arn !== mine.arn && createdAt > mine.createdAt);
}

/** All that one look at all rollouts has brought. `seen`: ids that the classic list has shown so far; added to. */
export interface Sight {
  readonly services: ReadonlyMap<string, ObservedService>;
  readonly deployments: ReadonlyMap<string, ServiceDeployment>;
  readonly at: number;
  readonly seen: Set<string>;
}

export function snapshotOf(ours: OurDeployment, { services, deployments, at, seen }: Sight): Snapshot {
  const service = services.get(`${ours.cluster}/${ours.service}`);
  const serviceDeployment = deployments.get(ours.serviceDeploymentArn ?? "");
  if (service?.deployments.some(({ id }) => id === ours.id)) seen.add(ours.id);
  return {
    at,
    seen: seen.has(ours.id),
    newer: [],
    ...(service && { service }),
    ...(serviceDeployment && { serviceDeployment }),
  };
}

/** The calls of the newer API are refused, or this partition has none. The classic view remains. */
export function isNotOffered(error: unknown): boolean {
  return isAccessDenied(error) || isAwsError(error, "UnknownOperationException", "UnsupportedFeatureException");
}

export function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
