// ECS's responses, converted to the types of ecs/.

import type {
  DeploymentLifecycleHookDetail,
  ServiceDeployment as SdkServiceDeployment,
  ServiceRevisionSummary,
} from "@aws-sdk/client-ecs";
import { resourceId } from "../ecs/arn.ts";
import type { LifecycleHook, ServiceDeployment } from "../ecs/deployment.ts";
import { isExpressService } from "../ecs/express.ts";
import type {
  ClassicDeployment,
  ObservedService,
  ObservedTaskDefinition,
} from "../ecs/observed.ts";
import {
  definedOnly,
  isJsonObject,
  type JsonObject,
  numberOf,
  objectOf,
  objectsOf,
  stringOf,
} from "../json.ts";

export function toObservedService(service: JsonObject): ObservedService {
  const { deployments: _deployments, events: _events, ...raw } = service;
  const deployments = objectsOf(service.deployments).map(toClassicDeployment);
  const controller = isJsonObject(service.deploymentController)
    ? stringOf(service.deploymentController.type)
    : undefined;
  return {
    name: stringOf(service.serviceName) ?? "",
    arn: stringOf(service.serviceArn) ?? "",
    clusterArn: stringOf(service.clusterArn) ?? "",
    clusterName: resourceId(stringOf(service.clusterArn) ?? ""),
    status: stringOf(service.status) ?? "",
    controller: controller ?? "ECS",
    desiredCount: numberOf(service.desiredCount) ?? 0,
    runningCount: numberOf(service.runningCount) ?? 0,
    pendingCount: numberOf(service.pendingCount) ?? 0,
    taskDefinitionArn: currentTaskDefinitionOf(service, deployments),
    deploymentConfiguration: isJsonObject(service.deploymentConfiguration)
      ? service.deploymentConfiguration
      : {},
    deployments,
    events: objectsOf(service.events).map((event) => ({
      id: stringOf(event.id) ?? "",
      createdAt: milliseconds(event.createdAt),
      message: stringOf(event.message) ?? "",
    })),
    raw,
  };
}

/** Of an Express Mode service only its PRIMARY deployment names the task definition. */
function currentTaskDefinitionOf(
  service: JsonObject,
  deployments: readonly ClassicDeployment[],
): string {
  const named = stringOf(service.taskDefinition);
  if (named !== undefined || !isExpressService({ raw: service })) return named ?? "";
  return deployments.find(({ status }) => status === "PRIMARY")?.taskDefinitionArn ?? "";
}

function toClassicDeployment(deployment: JsonObject): ClassicDeployment {
  const rolloutState = stringOf(deployment.rolloutState);
  const rolloutStateReason = stringOf(deployment.rolloutStateReason);
  return {
    id: stringOf(deployment.id) ?? "",
    status: stringOf(deployment.status) ?? "",
    taskDefinitionArn: stringOf(deployment.taskDefinition) ?? "",
    desiredCount: numberOf(deployment.desiredCount) ?? 0,
    pendingCount: numberOf(deployment.pendingCount) ?? 0,
    runningCount: numberOf(deployment.runningCount) ?? 0,
    failedTasks: numberOf(deployment.failedTasks) ?? 0,
    createdAt: milliseconds(deployment.createdAt),
    rolloutState,
    rolloutStateReason,
    settings: settingsOf(deployment),
  };
}

function settingsOf(deployment: JsonObject): JsonObject {
  const { serviceConnectConfiguration, volumeConfigurations, vpcLatticeConfigurations } =
    deployment;
  return definedOnly({
    serviceConnectConfiguration,
    volumeConfigurations,
    vpcLatticeConfigurations,
  });
}

/** Dates are seconds since the Unix epoch in AWS's JSON, with a fraction. */
function milliseconds(value: JsonObject[string]): number {
  return Math.round((numberOf(value) ?? 0) * 1000);
}

export function toObservedTaskDefinition(answer: JsonObject): ObservedTaskDefinition {
  const definition = objectOf(answer.taskDefinition);
  return {
    arn: stringOf(definition.taskDefinitionArn) ?? "",
    definition,
    tags: objectsOf(answer.tags),
  };
}

export function toServiceDeployment(deployment: SdkServiceDeployment): ServiceDeployment {
  const {
    deploymentCircuitBreaker: breaker,
    alarms,
    rollback,
    statusReason,
    lifecycleStage,
    targetServiceRevision: target,
  } = deployment;
  return {
    arn: deployment.serviceDeploymentArn ?? "",
    status: deployment.status ?? "",
    createdAt: deployment.createdAt?.getTime() ?? 0,
    requestedTasks: target?.requestedTaskCount ?? 0,
    runningTasks: target?.runningTaskCount ?? 0,
    pendingTasks: target?.pendingTaskCount ?? 0,
    sourceTasks: countTasks(deployment.sourceServiceRevisions ?? []),
    targetRevisionArn: target?.arn ?? "",
    sourceRevisionArns: (deployment.sourceServiceRevisions ?? []).flatMap(({ arn }) => arn ?? []),
    statusReason,
    lifecycleStage,
    rollbackReason: rollback?.reason,
    breaker: breaker && {
      status: breaker.status ?? "",
      failureCount: breaker.failureCount ?? 0,
      threshold: breaker.threshold ?? 0,
    },
    productionTrafficWeight: target?.requestedProductionTrafficWeight,
    hooks: (deployment.lifecycleHookDetails ?? []).map(toLifecycleHook),
    triggeredAlarms: alarms?.triggeredAlarmNames ?? [],
  };
}

function countTasks(revisions: readonly ServiceRevisionSummary[]): number {
  const counts = revisions.map(
    ({ runningTaskCount = 0, pendingTaskCount = 0 }) => runningTaskCount + pendingTaskCount,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function toLifecycleHook(hook: DeploymentLifecycleHookDetail): LifecycleHook {
  const { hookId = "", targetType = "", targetArn, status = "", expiresAt, timeoutAction } = hook;
  return {
    id: hookId,
    targetType,
    status,
    targetArn,
    expiresAt: expiresAt?.getTime(),
    timeoutAction,
  };
}
