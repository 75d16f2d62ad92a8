// CreateExpressGatewayService: cluster, task definition, log group, and a service around them.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html

import type { CreateExpressGatewayServiceRequest } from "@aws-sdk/client-ecs";
import { AwsError } from "../../contract.ts";
import { createCluster } from "../clusters.ts";
import { invalidParameter } from "../errors.ts";
import { addEvent } from "../events.ts";
import { nameOf } from "../identifiers.ts";
import { findCluster, requireTaskDefinition } from "../lookup.ts";
import type { ClusterState, EcsState, TaskDefinitionState } from "../state.ts";
import { registerTaskDefinition } from "../task-definitions.ts";
import { definitionFor } from "./definition.ts";
import { loadBalancerRefusal, newInfrastructure, trustsEcs } from "./infrastructure.ts";
import { roleRefusal } from "./levers.ts";
import { refusedCreate, refusedDefinition } from "./rules.ts";
import {
  createAround,
  defaultScaling,
  defaultSubnets,
  mergedScaling,
  newExpress,
} from "./service.ts";
import type { ExpressState } from "./state.ts";
import type { ExpressService } from "./views.ts";

export type CreateInput = CreateExpressGatewayServiceRequest;

/** Seen by four clients, whatever the API's model says (256, 512, `/ping`). */
const defaultCpu = "1024";
const defaultMemory = "2048";
const defaultPath = "/";

export function createExpress(
  world: EcsState,
  input: CreateInput,
  createdBy: string,
): ExpressService {
  const refusal = refusedCreate(input);
  if (refusal) throw refusal;
  const own = input.taskDefinitionArn && requireTaskDefinition(world, input.taskDefinitionArn);
  const unfit = own ? refusedDefinition(own.definition) : undefined;
  if (unfit) throw unfit;
  const { infrastructureRoleArn } = input;
  const untrusted = refusedRole(world, infrastructureRoleArn ?? "");
  if (untrusted) throw untrusted;
  const cluster = clusterOf(world, input.cluster);
  const service = input.serviceName ?? generatedName(world, input, own || undefined);
  refuseTaken(cluster, service);

  const { infrastructure: duration } = world.timing;
  const denied = loadBalancerRefusal(world, infrastructureRoleArn ?? "");
  const place = { cluster: cluster.name, service };
  const scalingTarget = mergedScaling(defaultScaling, input.scalingTarget);
  const { subnets = [], securityGroups = [] } = input.networkConfiguration ?? {};
  const express = newExpress(world, place, {
    infrastructureRoleArn: infrastructureRoleArn ?? "",
    infrastructure: newInfrastructure(world, cluster.name, duration, denied),
    logGroup: input.primaryContainer?.awsLogsConfiguration?.logGroup,
    values: {
      healthCheckPath: input.healthCheckPath ?? defaultPath,
      scalingTarget,
      subnets: subnets.length > 0 ? subnets : defaultSubnets,
      securityGroups,
    },
  });
  const taskDefinition =
    input.taskDefinitionArn ?? register(world, input, { ...place, express, createdBy });
  if (!own) world.logs.createGroup(express.logGroup);
  const wanted = { ...place, taskDefinition, desiredCount: scalingTarget.minTaskCount };
  createAround(world, { ...wanted, tags: input.tags ?? [] }, createdBy, express);
  const made = cluster.services.get(service) as ExpressService;
  // Reported as an event of the service, and nowhere else.
  if (denied) world.clock.schedule(duration / 2, () => addEvent(world, made, `) ${denied}`));
  return made;
}

/** Before anything is made. */
function refusedRole(world: EcsState, roleArn: string): AwsError | undefined {
  if (!trustsEcs(world, roleArn))
    return new AwsError("AccessDeniedException", `Cannot assume role ${roleArn}`);
  return roleRefusal(world, roleArn);
}

/** Only `default` is created if it is missing. */
function clusterOf(world: EcsState, reference: string | undefined): ClusterState {
  const isDefault = nameOf(reference ?? "default") === "default";
  return isDefault ? createCluster(world, "default") : findCluster(world, reference);
}

/** `nginx-1a2b` from `nginx:latest`. */
function generatedName(
  world: EcsState,
  { primaryContainer }: CreateInput,
  own: TaskDefinitionState | undefined,
): string {
  const image = primaryContainer?.image ?? own?.family ?? "";
  const repository = nameOf(image).replace(/[:@].*$/, "");
  return `${repository.replaceAll(/[^A-Za-z0-9_-]/g, "-")}-${world.ids.hex(4)}`;
}

/** As CreateService answers; Express's own words are not known. */
function refuseTaken(cluster: ClusterState, name: string): void {
  const status = cluster.services.get(name)?.status ?? "INACTIVE";
  if (status === "DRAINING")
    throw invalidParameter("Unable to Start a service that is still Draining.");
  if (status === "ACTIVE") throw invalidParameter("Creation of service was not idempotent.");
}

interface NewRegistration {
  readonly cluster: string;
  readonly service: string;
  readonly express: ExpressState;
  readonly createdBy: string;
}

function register(
  world: EcsState,
  input: CreateInput,
  { cluster, service, express, createdBy }: NewRegistration,
): string | undefined {
  const wanted = definitionFor({
    family: `${cluster}-${service}`,
    container: input.primaryContainer ?? { image: "" },
    executionRoleArn: input.executionRoleArn,
    taskRoleArn: input.taskRoleArn,
    cpu: input.cpu ?? defaultCpu,
    memory: input.memory ?? defaultMemory,
    cpuArchitecture: input.cpuArchitecture,
    tags: input.tags ?? [],
    logGroup: express.logGroup,
    region: world.region,
  });
  return registerTaskDefinition(world, wanted, createdBy).taskDefinition?.taskDefinitionArn;
}
