// Reads which deployments are in progress and whether they wait at a PAUSE hook: for answer-pause.

import type { AwsSession } from "../aws/session.ts";
import { chunks } from "../ecs/chunks.ts";
import type { ServiceDeployment } from "../ecs/deployment.ts";
import type { ObservedService } from "../ecs/observed.ts";
import { findPausedHook } from "../ecs/paused-hook.ts";
import type { Inputs } from "../inputs/schema.ts";
import { hasEnded, type LatestDeployment, type PausesObserved } from "../plan/plan-answer.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import { describeTaskDefinitions, observeServices } from "./observe-services.ts";

type EcsClient = AwsSession["ecs"];

/** ECS lists at most this many deployments or revisions in one call. */
const describedPerCall = 20;

/** A service deployment and its classic twin are not created at the very same moment. */
const creationGapMilliseconds = 5_000;

/** @throws DeployError `PermissionMissing`: without these reads there is nothing to answer */
export async function observePauses(
  inputs: Inputs,
  { ecs }: Pick<AwsSession, "ecs">,
): Promise<Pick<PausesObserved, "services" | "clusters" | "latest" | "taskDefinitions">> {
  const { services, missingClusters } = await observeServices(inputs, ecs);
  const found = services.flatMap(({ observed }) => observed ?? []);
  const latest = await observeLatest(found, ecs);
  const paused = Object.values(latest).filter(({ deployment }) => findPausedHook(deployment));
  const revisions = paused.flatMap(({ taskDefinitionArn, previousTaskDefinitionArn }) => [
    taskDefinitionArn,
    previousTaskDefinitionArn,
  ]);
  return {
    services,
    clusters: { value: Object.fromEntries(missingClusters.map((name) => [name, "MISSING"])) },
    latest,
    taskDefinitions: await describeTaskDefinitions(revisions.filter(Boolean), ecs),
  };
}

async function observeLatest(
  services: readonly ObservedService[],
  ecs: EcsClient,
): Promise<PausesObserved["latest"]> {
  const listed = await Promise.all(
    services.map(async (service) => ({ service, arn: await findLatest(service, ecs) })),
  );
  const arns = listed.flatMap(({ arn }) => arn ?? []);
  const deployments = await readInChunks(arns, (chunk) => ecs.describeServiceDeployments(chunk));
  const revisionArns = deployments.flatMap(({ targetRevisionArn, sourceRevisionArns = [] }) => [
    targetRevisionArn,
    ...sourceRevisionArns.slice(0, 1),
  ]);
  const revisions = await readInChunks([...new Set(revisionArns)], (chunk) =>
    ecs.describeServiceRevisions(chunk),
  );
  const taskDefinitions = new Map(
    revisions.map(({ arn, taskDefinitionArn }) => [arn, taskDefinitionArn]),
  );
  return Object.fromEntries(
    listed.flatMap(({ service, arn }): [string, LatestDeployment][] => {
      const deployment = deployments.find((described) => described.arn === arn);
      if (!deployment) return [];
      return [[service.arn, toLatest(deployment, taskDefinitions)]];
    }),
  );
}

function toLatest(
  deployment: ServiceDeployment,
  taskDefinitions: ReadonlyMap<string, string>,
): LatestDeployment {
  const { targetRevisionArn, sourceRevisionArns: [source = ""] = [] } = deployment;
  return {
    deployment,
    taskDefinitionArn: taskDefinitions.get(targetRevisionArn) ?? "",
    previousTaskDefinitionArn: taskDefinitions.get(source) ?? "",
  };
}

/** The deployment in progress, or the newest. Other controllers than ECS have none. */
async function findLatest(service: ObservedService, ecs: EcsClient): Promise<string | undefined> {
  if (service.controller !== "ECS" || service.status !== "ACTIVE") return undefined;
  const { createdAt = 0 } = primaryDeploymentOf(service) ?? {};
  const briefs = await ecs.listServiceDeployments({
    cluster: service.clusterName,
    service: service.name,
    createdAfter: Math.max(0, createdAt - creationGapMilliseconds),
  });
  return (briefs.find((brief) => !hasEnded(brief)) ?? briefs[0])?.arn;
}

async function readInChunks<Read>(
  arns: readonly string[],
  read: (chunk: readonly string[]) => Promise<readonly Read[]>,
): Promise<readonly Read[]> {
  return (await Promise.all(chunks(arns, describedPerCall).map(read))).flat();
}
