// The one UpdateService, PURE: the new revision, the circuit breaker on, the rest unchanged.

import type { ClassicDeployment, ObservedService } from "../../ecs/observed.ts";
import { definedOnly, type JsonObject } from "../../json.ts";
import type { ServiceSettings } from "./service-settings.ts";

/**
 * Settings that were not requested are not sent: `desiredCount` belongs to autoscaling, all others
 * are kept.
 */
export function planServiceUpdate(
  service: ObservedService,
  {
    taskDefinitionArn,
    settings,
    force,
  }: {
    readonly taskDefinitionArn: string;
    readonly settings: ServiceSettings;
    readonly force: boolean;
  },
): JsonObject {
  const lastDeploymentFailed =
    primaryDeploymentOf(service)?.rolloutState === "FAILED" &&
    service.taskDefinitionArn === taskDefinitionArn;
  return {
    cluster: service.clusterArn,
    service: service.name,
    taskDefinition: taskDefinitionArn,
    ...definedOnly({
      deploymentConfiguration: requestedConfiguration(settings),
      desiredCount: settings.desiredCount,
    }),
    ...settings.members,
    // The same revision again starts no deployment; after one that failed and stayed, only force
    // does.
    ...((force || settings.forceNewDeployment || lastDeploymentFailed) && {
      forceNewDeployment: true,
    }),
  };
}

function requestedConfiguration(settings: ServiceSettings): JsonObject | undefined {
  if (settings.configurationManagedByEcs) return undefined;
  return settings.deploymentConfiguration;
}

/** The deployment that ECS is steering the service to. */
export function primaryDeploymentOf(service: ObservedService): ClassicDeployment | undefined {
  return service.deployments.find(({ status }) => status === "PRIMARY");
}

/**
 * The rollback target: the current revision; while that is still being deployed, the last one that
 * completed.
 */
export function previousStableRevisionArn({
  taskDefinitionArn,
  deployments,
}: ObservedService): string {
  const current = deployments.find(({ status }) => status === "PRIMARY");
  if (current?.rolloutState === undefined || current.rolloutState === "COMPLETED")
    return taskDefinitionArn;
  return (
    deployments.find(({ rolloutState }) => rolloutState === "COMPLETED")?.taskDefinitionArn ??
    taskDefinitionArn
  );
}

/** The service runs only this revision already, and no deployment is in progress. */
export function isUpToDate(service: ObservedService, taskDefinitionArn: string): boolean {
  const primary = primaryDeploymentOf(service);
  return (
    service.taskDefinitionArn === taskDefinitionArn &&
    primary?.taskDefinitionArn === taskDefinitionArn &&
    primary.rolloutState !== "IN_PROGRESS" &&
    primary.rolloutState !== "FAILED"
  );
}
