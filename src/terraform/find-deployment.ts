// Finds the deployment that Terraform starts, in ECS, while Terraform is still running.

import { isAccessDenied } from "../aws/aws-errors.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import { resourceId } from "../ecs/arn.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import type { ObservedService, ObservedTaskDefinition } from "../ecs/observed.ts";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import { undefinedIfClusterMissing } from "../observe/observe-services.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import { pollUntil } from "../timing/poll.ts";
import { isSameImageReference } from "./plan-checks.ts";
import type { TerraformStatus } from "./supervise.ts";

interface DeploymentQuery {
  readonly cluster: string;
  readonly service: string;
  /** The service before Terraform began; undefined: it did not exist. */
  readonly before: ObservedService | undefined;
  readonly image: string;
}

export interface FoundDeployment {
  readonly service: ObservedService;
  readonly deployment: OwnDeployment;
  readonly definition: ObservedTaskDefinition;
  /** The container that runs our image. */
  readonly container: string;
}

interface FindPorts {
  readonly ecs: Pick<
    Ecs,
    | "describeServices"
    | "describeTaskDefinition"
    | "listServiceDeployments"
    | "describeServiceRevisions"
  >;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly status: () => TerraformStatus;
}

const pollMilliseconds = 3_000;

/**
 * ECS may return a stale state for some seconds after an update. A failed apply rarely starts a
 * deployment at its very end.
 */
const pollsAfterEnd = { succeeded: 4, failed: 1 };

/** undefined: Terraform has ended without starting a deployment of our image. */
export async function findDeployment(
  query: DeploymentQuery,
  ports: FindPorts,
): Promise<FoundDeployment | undefined> {
  const { clock, signal, status } = ports;
  const startedAt = clock.now();
  const ignoredIds = new Set((query.before?.deployments ?? []).map(({ id }) => id));
  let pollsSinceEnd = 0;
  const readDeployment = async () => {
    const statusNow = status();
    const service = await readActiveService(query, ports.ecs);
    const primary = service && primaryDeploymentOf(service);
    if (service && primary && !ignoredIds.has(primary.id)) {
      const found = await findRevisionWithImage(primary.taskDefinitionArn, query.image, ports.ecs);
      if (found) return { service, ...found, deployment: deploymentOf(service, query) };
      ignoredIds.add(primary.id);
    }
    if (statusNow !== "running" && ++pollsSinceEnd >= pollsAfterEnd[statusNow]) return "none";
    return undefined;
  };
  const found = await pollUntil(readDeployment, pollMilliseconds, { clock, signal });
  if (found !== "none") return found;
  return findInHistory(query, startedAt, ports.ecs);
}

/** Allows for a difference between this machine's clock and that of ECS. */
const historySkewMilliseconds = 5_000;

/**
 * A deployment that was rolled back between two polls was never read as PRIMARY, but is in the
 * service's history. A classic deployment and its service revision have the same number. Without
 * permission to read the history there is none.
 */
async function findInHistory(
  query: DeploymentQuery,
  since: number,
  ecs: FindPorts["ecs"],
): Promise<FoundDeployment | undefined> {
  const service = query.before && (await readActiveService(query, ecs));
  if (!service) return undefined;
  try {
    const created = {
      cluster: query.cluster,
      service: query.service,
      createdAfter: since - historySkewMilliseconds,
    };
    const [newest] = await ecs.listServiceDeployments(created, { retryForMilliseconds: 5_000 });
    const [revision] = newest ? await ecs.describeServiceRevisions([newest.targetRevisionArn]) : [];
    const ours =
      revision && (await findRevisionWithImage(revision.taskDefinitionArn, query.image, ecs));
    if (!newest || !ours) return undefined;
    const deployment = {
      ...deploymentOf(service, query),
      id: `ecs-svc/${resourceId(newest.targetRevisionArn)}`,
      serviceDeploymentArn: newest.arn,
      startedAt: newest.createdAt,
      taskDefinitionArn: ours.definition.arn,
      earlierIds: (query.before?.deployments ?? []).map(({ id }) => id),
    };
    return { service, ...ours, deployment };
  } catch (error) {
    if (isAccessDenied(error)) return undefined;
    throw error;
  }
}

/** The service as it is now; undefined: there is none, or no such cluster. */
export async function readActiveService(
  { cluster, service }: Pick<DeploymentQuery, "cluster" | "service">,
  ecs: FindPorts["ecs"],
): Promise<ObservedService | undefined> {
  const [found] = (await undefinedIfClusterMissing(ecs.describeServices(cluster, [service]))) ?? [];
  if (found?.status === "INACTIVE") return undefined;
  return found;
}

/** The revision, if one of its containers has our image. */
export async function findRevisionWithImage(
  taskDefinitionArn: string,
  image: string,
  ecs: FindPorts["ecs"],
): Promise<Pick<FoundDeployment, "definition" | "container"> | undefined> {
  const definition = await ecs.describeTaskDefinition(taskDefinitionArn);
  const ours = containerWithImage(definition, image);
  return ours && { definition, container: stringOf(ours.name) ?? "" };
}

/** The container of this revision that has our image. */
export function containerWithImage(
  { definition }: ObservedTaskDefinition,
  image: string,
): JsonObject | undefined {
  return objectsOf(definition.containerDefinitions).find((one) =>
    isSameImageReference(stringOf(one.image) ?? "", image),
  );
}

/** The service's PRIMARY deployment, in the form that the watch needs. */
export function deploymentOf(
  service: ObservedService,
  { before }: Pick<DeploymentQuery, "before">,
): OwnDeployment {
  const primary = primaryDeploymentOf(service);
  return {
    cluster: service.clusterName,
    service: service.name,
    id: primary?.id ?? "",
    startedAt: primary?.createdAt ?? 0,
    taskDefinitionArn: primary?.taskDefinitionArn ?? service.taskDefinitionArn,
    earlierIds: (before?.deployments ?? []).map(({ id }) => id).filter((id) => id !== primary?.id),
  };
}
