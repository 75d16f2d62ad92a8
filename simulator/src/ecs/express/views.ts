// An Express Mode service in the shapes of its own operations. Pure.

import type {
  ECSExpressGatewayService,
  ExpressGatewayServiceConfiguration,
  UpdatedExpressGatewayService,
} from "@aws-sdk/client-ecs";
import type { RevisionState, ServiceState } from "../state.ts";
import { isGone, ongoingRollout } from "../task-counts.ts";
import { primaryContainerOf, withoutUndefined } from "./definition.ts";
import type { ExpressState } from "./state.ts";

/** A service that is known to be one of Express Mode. */
export type ExpressService = ServiceState & { readonly express: ExpressState };

/** What the three answers have in common. */
function headOf(service: ExpressService) {
  return {
    cluster: service.cluster.arn,
    serviceName: service.name,
    serviceArn: service.arn,
    status: { statusCode: service.status },
    createdAt: new Date(service.createdAt),
    updatedAt: new Date(service.express.updatedAt),
  };
}

/** Seen right after Create: neither configurations nor a deployment. */
export function createdView(service: ExpressService): ECSExpressGatewayService {
  const { infrastructureRoleArn } = service.express;
  return { ...headOf(service), infrastructureRoleArn };
}

export function describedView(
  service: ExpressService,
  now: number,
  withTags: boolean,
): ECSExpressGatewayService {
  const configurations = activeRevisions(service, now).map((one) =>
    configurationView(service.express, one),
  );
  const hasStarted = service.rollouts[0]?.startedAt !== undefined;
  return withoutUndefined({
    ...createdView(service),
    currentDeployment: hasStarted ? ongoingRollout(service)?.arn : undefined,
    activeConfigurations: configurations.length > 0 ? configurations : undefined,
    tags: withTags ? [...service.tags] : undefined,
  });
}

export function updatedView(
  service: ExpressService,
  target: RevisionState,
): UpdatedExpressGatewayService {
  return {
    ...headOf(service),
    targetConfiguration: configurationView(service.express, target),
  };
}

/** Newest first. */
function activeRevisions(service: ExpressService, now: number): readonly RevisionState[] {
  if (service.status === "INACTIVE") return [];
  if (service.revisions.length === 1 && service.rollouts[0]?.startedAt === undefined) return [];
  return service.revisions.filter((one) => !isGone(service, one, now)).reverse();
}

function configurationView(
  express: ExpressState,
  revision: RevisionState,
): ExpressGatewayServiceConfiguration {
  const { definition, arn } = revision.taskDefinition;
  const { healthCheckPath, scalingTarget, subnets, securityGroups } =
    revision.express ?? express.values;
  const architecture = definition.runtimePlatform?.cpuArchitecture;
  return withoutUndefined({
    serviceRevisionArn: revision.arn,
    executionRoleArn: definition.executionRoleArn,
    taskRoleArn: definition.taskRoleArn,
    taskDefinitionArn: arn,
    cpu: definition.cpu,
    memory: definition.memory,
    cpuArchitecture: architecture,
    networkConfiguration: {
      subnets: [...subnets],
      securityGroups: [...securityGroups, express.securityGroup],
    },
    healthCheckPath,
    primaryContainer: primaryContainerOf(definition),
    scalingTarget: { ...scalingTarget },
    ingressPaths: [{ accessType: "PUBLIC" as const, endpoint: express.endpoint }],
    createdAt: new Date(revision.createdAt),
  });
}
