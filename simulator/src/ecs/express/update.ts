// UpdateExpressGatewayService: members that are not sent keep their value, lists that are sent are
// taken whole, and every call starts a deployment.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-update-full.html

import type { UpdateExpressGatewayServiceRequest } from "@aws-sdk/client-ecs";
import { requireTaskDefinition } from "../lookup.ts";
import { startRollout } from "../rollouts.ts";
import type { EcsState, RevisionState, TaskDefinitionState } from "../state.ts";
import { registerTaskDefinition } from "../task-definitions.ts";
import { serviceView } from "../views.ts";
import { definitionFor, primaryContainerOf } from "./definition.ts";
import { refusedByStatus, refusedDefinition, refusedUpdate } from "./rules.ts";
import { loadBalancerOf, mergedScaling, networkOf } from "./service.ts";
import type { ExpressValues } from "./state.ts";
import type { ExpressService } from "./views.ts";

export type UpdateInput = UpdateExpressGatewayServiceRequest;

/** The revision that the new deployment goes to. */
export function updateExpress(
  world: EcsState,
  service: ExpressService,
  input: UpdateInput,
  calledBy: string,
): RevisionState {
  const refusal = refusedByStatus(service) ?? refusedUpdate(input);
  if (refusal) throw refusal;
  const definition = nextDefinition(world, service, input, calledBy);
  const { express } = service;
  const now = world.clock.now();
  if (world.delays.describe > 0)
    service.stale = { until: now + world.delays.describe, view: serviceView(service, now) };
  express.values = mergedValues(express.values, input);
  express.updatedAt = now;
  const { minTaskCount, maxTaskCount } = express.values.scalingTarget;
  service.desiredCount = Math.min(maxTaskCount, Math.max(minTaskCount, service.desiredCount));
  const settings = {
    ...service.settings,
    networkConfiguration: networkOf(express, express.values),
    loadBalancers: [loadBalancerOf(express, definition)],
  };
  return startRollout(world, service, definition, settings).target;
}

function mergedValues(current: ExpressValues, input: UpdateInput): ExpressValues {
  const { subnets, securityGroups } = input.networkConfiguration ?? {};
  return {
    healthCheckPath: input.healthCheckPath ?? current.healthCheckPath,
    scalingTarget: mergedScaling(current.scalingTarget, input.scalingTarget),
    subnets: subnets ?? current.subnets,
    securityGroups: securityGroups ?? current.securityGroups,
  };
}

/** Made from the current revision: what others added to it stays. */
function nextDefinition(
  world: EcsState,
  service: ExpressService,
  input: UpdateInput,
  calledBy: string,
): TaskDefinitionState {
  if (input.taskDefinitionArn) {
    const own = requireTaskDefinition(world, input.taskDefinitionArn);
    const unfit = refusedDefinition(own.definition);
    if (unfit) throw unfit;
    return own;
  }
  const current = service.primary.taskDefinition.definition;
  const unfit = refusedDefinition(current);
  if (unfit) throw unfit;
  const wanted = definitionFor({
    family: `${service.cluster.name}-${service.name}`,
    container: { ...primaryContainerOf(current), ...input.primaryContainer },
    executionRoleArn: input.executionRoleArn ?? current.executionRoleArn,
    taskRoleArn: input.taskRoleArn ?? current.taskRoleArn,
    cpu: input.cpu ?? current.cpu,
    memory: input.memory ?? current.memory,
    cpuArchitecture: input.cpuArchitecture ?? current.runtimePlatform?.cpuArchitecture,
    tags: service.tags,
    current,
    logGroup: service.express.logGroup,
    region: world.region,
  });
  const { taskDefinition } = registerTaskDefinition(world, wanted, calledBy);
  return requireTaskDefinition(world, taskDefinition?.taskDefinitionArn ?? "");
}
