// The deployment that Terraform starts, found in ECS while Terraform is still at work.

import { isAccessDenied } from "../aws/aws-errors.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import type { OurDeployment } from "../ecs/deployment.ts";
import type { ObservedService, ObservedTaskDefinition } from "../ecs/observed.ts";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import { orMissing } from "../observe/observe-services.ts";
import { primaryOf } from "../plan/service/service.ts";
import { isSameImage } from "./plan-checks.ts";
import type { TerraformStanding } from "./supervise.ts";

export interface SoughtDeployment {
  readonly cluster: string;
  readonly service: string;
  /** As it was before Terraform began; undefined: not there. */
  readonly before: ObservedService | undefined;
  readonly image: string;
}

export interface FoundDeployment {
  readonly service: ObservedService;
  readonly deployment: OurDeployment;
  readonly definition: ObservedTaskDefinition;
  /** The container that runs our image. */
  readonly container: string;
}

export interface FindPorts {
  readonly ecs: Pick<
    Ecs,
    | "describeServices"
    | "describeTaskDefinition"
    | "listServiceDeployments"
    | "describeServiceRevisions"
  >;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly standing: () => TerraformStanding;
}

const lookEveryMilliseconds = 3_000;

/** Reads may be behind an update for some seconds. An apply that failed has hardly begun anything at its very end. */
const looksAfterwards = { through: 4, failed: 1 };

/** undefined: Terraform is through, and has started no deployment of our image. */
export async function findDeployment(
  sought: SoughtDeployment,
  ports: FindPorts,
): Promise<FoundDeployment | undefined> {
  const { clock, signal, standing } = ports;
  const begun = clock.now();
  const others = new Set((sought.before?.deployments ?? []).map(({ id }) => id));
  for (let afterwards = 0; ; ) {
    const now = standing();
    const service = await lookAt(sought, ports.ecs);
    const primary = service && primaryOf(service);
    if (service && primary && !others.has(primary.id)) {
      const found = await runsOurs(primary.taskDefinitionArn, sought.image, ports.ecs);
      if (found) return { service, ...found, deployment: deploymentOf(service, sought) };
      others.add(primary.id);
    }
    if (now !== "at work" && ++afterwards >= looksAfterwards[now]) break;
    await clock.sleep(lookEveryMilliseconds, signal);
  }
  return findInHistory(sought, begun, ports.ecs);
}

/** This machine's clock and ECS's are not quite the same. */
const clockSkewMilliseconds = 5_000;

/**
 * A deployment that nobody saw as PRIMARY, for ECS went back between two looks: its history has it. A classic deployment and the service
 * revision that it makes bear the same number. Where the history may not be read, there is none.
 */
async function findInHistory(
  sought: SoughtDeployment,
  since: number,
  ecs: FindPorts["ecs"],
): Promise<FoundDeployment | undefined> {
  const service = sought.before && (await lookAt(sought, ecs));
  if (!service) return undefined;
  try {
    const created = {
      cluster: sought.cluster,
      service: sought.service,
      createdAfter: since - clockSkewMilliseconds,
    };
    const [newest] = await ecs.listServiceDeployments(created, { patienceMilliseconds: 5_000 });
    const [revision] = newest ? await ecs.describeServiceRevisions([newest.targetRevisionArn]) : [];
    const ours = revision && (await runsOurs(revision.taskDefinitionArn, sought.image, ecs));
    if (!newest || !ours) return undefined;
    const deployment = {
      ...deploymentOf(service, sought),
      ...{
        id: `ecs-svc/${newest.targetRevisionArn.split("/").at(-1)}`,
        serviceDeploymentArn: newest.arn,
      },
      ...{ startedAt: newest.createdAt, taskDefinitionArn: ours.definition.arn },
      earlierIds: (sought.before?.deployments ?? []).map(({ id }) => id),
    };
    return { service, ...ours, deployment };
  } catch (error) {
    if (isAccessDenied(error)) return undefined;
    throw error;
  }
}

/** The service as it is now; undefined: there is none, or no such cluster. */
export async function lookAt(
  { cluster, service }: Pick<SoughtDeployment, "cluster" | "service">,
  ecs: FindPorts["ecs"],
): Promise<ObservedService | undefined> {
  const [found] = (await orMissing(ecs.describeServices(cluster, [service]))) ?? [];
  return found?.status === "INACTIVE" ? undefined : found;
}

/** The revision, if one of its containers has our image. */
export async function runsOurs(
  taskDefinitionArn: string,
  image: string,
  ecs: FindPorts["ecs"],
): Promise<Pick<FoundDeployment, "definition" | "container"> | undefined> {
  const definition = await ecs.describeTaskDefinition(taskDefinitionArn);
  const ours = containerRunning(definition, image);
  return ours && { definition, container: stringOf(ours.name) ?? "" };
}

/** The container of this revision that has our image. */
export function containerRunning(
  { definition }: ObservedTaskDefinition,
  image: string,
): JsonObject | undefined {
  return objectsOf(definition.containerDefinitions).find((one) =>
    isSameImage(stringOf(one.image) ?? "", image),
  );
}

/** The deployment that ECS is steering the service to, as the watch knows it. */
export function deploymentOf(
  service: ObservedService,
  { before }: Pick<SoughtDeployment, "before">,
): OurDeployment {
  const primary = primaryOf(service);
  return {
    cluster: service.clusterName,
    service: service.name,
    id: primary?.id ?? "",
    startedAt: primary?.createdAt ?? 0,
    taskDefinitionArn: primary?.taskDefinitionArn ?? service.taskDefinitionArn,
    earlierIds: (before?.deployments ?? []).map(({ id }) => id).filter((id) => id !== primary?.id),
  };
}
