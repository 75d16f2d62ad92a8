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
  const found = new Map<string, ObservedService>();
  for (const cluster of new Set(rollouts.map(({ cluster }) => cluster))) {
    const names = rollouts.filter((rollout) => rollout.cluster === cluster).map(({ service }) => service);
    for (const some of chunks(names, 10)) {
      for (const service of await source.describeServices(cluster, some, patience))
        found.set(`${cluster}/${service.name}`, service);
    }
  }
  return found;
}

export async function lookAtServiceDeployments(
  source: RolloutSource,
  rollouts: readonly OurDeployment[],
): Promise<ReadonlyMap<string, ServiceDeployment>> {
  const arns = rollouts.flatMap(({ serviceDeploymentArn }) => serviceDeploymentArn ?? []);
  const found = new Map<string, ServiceDeployment>();
  for (const some of chunks(arns, 20)) {
    for (const deployment of await source.describeServiceDeployments(some, patience))
      found.set(deployment.arn, deployment);
  }
  return found;
}

/**
 * The service deployment that our update started. Nothing in the API links it to the id in UpdateService's answer (FACTS A3, A4):
 * it was created at or after ours, and its target revision carries our id's number or our task definition.
 * undefined: ECS has not recorded it yet.
 */
export async function identify(source: RolloutSource, ours: OurDeployment): Promise<string | undefined> {
  const { cluster, service, startedAt, id, taskDefinitionArn } = ours;
  const candidates = await source.listServiceDeployments(
    { cluster, service, createdAfter: startedAt - clockSkewMilliseconds },
    patience,
  );
  const number = id.split("/").at(-1) ?? "";
  const numbered = candidates.find(({ targetRevisionArn }) => targetRevisionArn.endsWith(`/${number}`));
  if (numbered) return numbered.arn;
  const later = candidates.filter(({ createdAt }) => createdAt >= startedAt - 1_000);
  if (later.length === 0) return undefined;
  const revisions = await source.describeServiceRevisions(
    later.map(({ targetRevisionArn }) => targetRevisionArn).slice(0, 20),
    patience,
  );
  const mine = new Set(
    revisions.filter((revision) => revision.taskDefinitionArn === taskDefinitionArn).map(({ arn }) => arn),
  );
  return later.filter(({ targetRevisionArn }) => mine.has(targetRevisionArn)).at(-1)?.arn;
}

/** Deployments of the same service that began after ours, newest first: asked only when ours was stopped. */
export async function lookForNewer(
  source: RolloutSource,
  ours: OurDeployment,
  mine: ServiceDeployment,
): Promise<readonly ServiceDeploymentBrief[]> {
  const { cluster, service } = ours;
  const all = await source.listServiceDeployments({ cluster, service, createdAfter: mine.createdAt }, patience);
  return all.filter(({ arn, createdAt }) => arn !== mine.arn && createdAt > mine.createdAt);
}

export function snapshotOf(
  ours: OurDeployment,
  services: ReadonlyMap<string, ObservedService>,
  deployments: ReadonlyMap<string, ServiceDeployment>,
): Snapshot {
  const service = services.get(`${ours.cluster}/${ours.service}`);
  const serviceDeployment =
    ours.serviceDeploymentArn === undefined ? undefined : deployments.get(ours.serviceDeploymentArn);
  return { newer: [], ...(service && { service }), ...(serviceDeployment && { serviceDeployment }) };
}

/** The calls of the newer API are refused, or this partition has none. The classic view remains. */
export function isNotOffered(error: unknown): boolean {
  return isAccessDenied(error) || isAwsError(error, "UnknownOperationException", "UnsupportedFeatureException");
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
