// An Express Mode service as the classic operations show it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html

import type {
  CreateServiceRequest,
  DeploymentConfiguration,
  ExpressGatewayScalingTarget,
  Service,
} from "@aws-sdk/client-ecs";
import { iamArn, regionalArn } from "../../iam/partitions.ts";
import { nameOf } from "../identifiers.ts";
import { requireTaskDefinition } from "../lookup.ts";
import { createService } from "../services.ts";
import type { EcsState, TaskDefinitionState } from "../state.ts";
import { rollbackAlarm } from "./alarm.ts";
import { applicationName, portOf } from "./definition.ts";
import { newInfrastructure } from "./infrastructure.ts";
import type { ExpressState, ExpressValues } from "./state.ts";

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExpressGatewayScalingTarget.html */
export const defaultScaling: ExpressValues["scalingTarget"] = {
  minTaskCount: 1,
  maxTaskCount: 20,
  autoScalingMetric: "AVERAGE_CPU",
  autoScalingTargetValue: 60,
};

export const mergedScaling = (
  current: ExpressValues["scalingTarget"],
  given: ExpressGatewayScalingTarget = {},
): ExpressValues["scalingTarget"] => ({
  minTaskCount: given.minTaskCount ?? current.minTaskCount,
  maxTaskCount: given.maxTaskCount ?? current.maxTaskCount,
  autoScalingMetric: given.autoScalingMetric ?? current.autoScalingMetric,
  autoScalingTargetValue: given.autoScalingTargetValue ?? current.autoScalingTargetValue,
});

/** As seen on a live service: 5 % for three minutes, then three minutes of bake time. */
function configurationOf(cluster: string, service: string): DeploymentConfiguration {
  return {
    strategy: "CANARY",
    canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 3 },
    bakeTimeInMinutes: 3,
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    alarms: { enable: true, rollback: true, alarmNames: [rollbackAlarm(cluster, service)] },
  };
}

/** For tests: the service is there, whatever CreateExpressGatewayService would have made of it. */
export function seedExpressService(
  world: EcsState,
  input: CreateServiceRequest,
  createdBy: string,
): Service {
  const { minTaskCount, maxTaskCount } = defaultScaling;
  const { desiredCount = minTaskCount } = input;
  const place = {
    cluster: nameOf(input.cluster ?? "default"),
    service: input.serviceName ?? "",
  };
  const { subnets = defaultSubnets, securityGroups = [] } =
    input.networkConfiguration?.awsvpcConfiguration ?? {};
  const express = newExpress(world, place, {
    infrastructureRoleArn: iamArn(world, "role/ecsInfrastructureRoleForExpressServices"),
    values: {
      healthCheckPath: "/",
      scalingTarget: {
        ...defaultScaling,
        minTaskCount: desiredCount,
        maxTaskCount: Math.max(desiredCount, maxTaskCount),
      },
      subnets,
      securityGroups,
    },
  });
  return createAround(world, { ...input, ...place, desiredCount }, createdBy, express);
}

/** Public ones of the default VPC. */
export const defaultSubnets: readonly string[] = ["subnet-0default1a", "subnet-0default1b"];

type NewExpress = Pick<ExpressState, "infrastructureRoleArn" | "values"> & {
  readonly infrastructure?: ExpressState["infrastructure"];
  readonly logGroup?: string | undefined;
};

export function newExpress(
  world: EcsState,
  { cluster, service }: { readonly cluster: string; readonly service: string },
  {
    infrastructureRoleArn,
    values,
    logGroup,
    infrastructure = newInfrastructure(world, cluster, 0),
  }: NewExpress,
): ExpressState {
  const { ids } = world;
  return {
    infrastructure,
    isSplit: false,
    alarm: { points: [], counts: new Map(), isWatched: false, isRaised: false },
    errors: new Map(),
    requests: 0,
    infrastructureRoleArn,
    values,
    // Seen so for eight services, whatever the guide says; no name leads to it.
    endpoint: `${service.slice(0, 2).toLowerCase()}-${ids.hex(32)}.ecs.${world.region}.on.aws`,
    securityGroup: `sg-${ids.hex(17)}`,
    logGroup: logGroup ?? `/aws/ecs/${cluster}/${service}-${ids.hex(4)}`,
    targetGroups: [newTargetGroup(world), newTargetGroup(world)],
    updatedAt: world.clock.now(),
  };
}

const newTargetGroup = (world: EcsState) =>
  regionalArn(
    world,
    "elasticloadbalancing",
    `targetgroup/ecs-gateway-tg-${world.ids.hex(17)}/${world.ids.hex(16)}`,
  );

interface NewService {
  readonly cluster: string;
  readonly service: string;
  readonly taskDefinition?: string | undefined;
  readonly desiredCount: number;
  readonly tags?: CreateServiceRequest["tags"];
}

export function createAround(
  world: EcsState,
  { cluster, service, taskDefinition, desiredCount, tags }: NewService,
  createdBy: string,
  express: ExpressState,
): Service {
  const definition = requireTaskDefinition(world, taskDefinition ?? "");
  const input: CreateServiceRequest = {
    cluster,
    serviceName: service,
    taskDefinition,
    desiredCount,
    deploymentConfiguration: configurationOf(cluster, service),
    networkConfiguration: networkOf(express, express.values),
    capacityProviderStrategy: [{ capacityProvider: "FARGATE", base: 1, weight: 1 }],
    loadBalancers: [loadBalancerOf(express, definition)],
    enableECSManagedTags: true,
    propagateTags: "SERVICE",
    tags,
  };
  return createService(world, input, createdBy, express).service ?? {};
}

export const networkOf = (express: ExpressState, { subnets, securityGroups }: ExpressValues) => ({
  awsvpcConfiguration: {
    subnets: [...subnets],
    securityGroups: [...securityGroups, express.securityGroup],
    assignPublicIp: "ENABLED" as const,
  },
});

export function loadBalancerOf(express: ExpressState, { definition }: TaskDefinitionState) {
  return {
    targetGroupArn: express.targetGroups[0],
    containerName: applicationName(definition),
    containerPort: portOf(definition),
  };
}
