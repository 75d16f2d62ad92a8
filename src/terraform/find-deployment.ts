// The deployment that Terraform starts, found in ECS while Terraform is still at work.

import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import { objectsOf, stringOf } from "../json.ts";
import type { ObservedService, ObservedTaskDefinition } from "../plan/observed.ts";
import { primaryOf } from "../plan/service.ts";
import type { OurDeployment } from "../rollout/snapshot.ts";
import { isSameImage } from "./check.ts";

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
  readonly ecs: Pick<Ecs, "describeServices" | "describeTaskDefinition">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether Terraform is through. */
  readonly isOver: () => boolean;
}

const lookEveryMilliseconds = 3_000;

/** Reads may be behind an update for some seconds. */
const looksAfterwards = 3;

/** undefined: Terraform is through, and has started no deployment of our image. */
export async function findDeployment(sought: SoughtDeployment, ports: FindPorts): Promise<FoundDeployment | undefined> {
  const { clock, signal, isOver } = ports;
  const others = new Set((sought.before?.deployments ?? []).map(({ id }) => id));
  for (let afterwards = 0; afterwards <= looksAfterwards; ) {
    if (isOver()) afterwards++;
    const service = await lookAt(sought, ports.ecs);
    const primary = service && primaryOf(service);
    if (service && primary && !others.has(primary.id)) {
      const found = await runsOurs(primary.taskDefinitionArn, sought.image, ports.ecs);
      if (found) return { service, ...found, deployment: deploymentOf(service, sought) };
      others.add(primary.id);
    }
    await clock.sleep(lookEveryMilliseconds, signal);
  }
  return undefined;
}

/** The service as it is now; undefined: there is none, or no such cluster. */
export async function lookAt(
  { cluster, service }: Pick<SoughtDeployment, "cluster" | "service">,
  ecs: FindPorts["ecs"],
): Promise<ObservedService | undefined> {
  try {
    const [found] = await ecs.describeServices(cluster, [service]);
    return found?.status === "INACTIVE" ? undefined : found;
  } catch (error) {
    if (error instanceof DeployError && error.code === "ClusterNotFound") return undefined;
    throw error;
  }
}

/** The revision, if one of its containers has our image. */
export async function runsOurs(
  taskDefinitionArn: string,
  image: string,
  ecs: FindPorts["ecs"],
): Promise<Pick<FoundDeployment, "definition" | "container"> | undefined> {
  const definition = await ecs.describeTaskDefinition(taskDefinitionArn);
  const ours = objectsOf(definition.definition.containerDefinitions).find((container) =>
    isSameImage(stringOf(container.image) ?? "", image),
  );
  return ours && { definition, container: stringOf(ours.name) ?? "" };
}

/** The deployment that ECS is steering the service to, as the watch knows it. */
export function deploymentOf(service: ObservedService, { before }: Pick<SoughtDeployment, "before">): OurDeployment {
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
