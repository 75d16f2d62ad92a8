// The one UpdateService, PURE: the new revision, the circuit breaker on, the rest as the service has it.

import { isJsonObject, type JsonObject } from "../json.ts";
import type { ClassicDeployment, ObservedService } from "./observed.ts";

/**
 * `deploymentConfiguration` is sent whole, as the service has it, with only the breaker changed: whether ECS keeps members that are left
 * out *inside* it is not documented (FACTS C4). `desiredCount` is never sent: autoscaling owns it.
 */
export function planServiceUpdate(
  service: ObservedService,
  { taskDefinitionArn, force }: { readonly taskDefinitionArn: string; readonly force: boolean },
): JsonObject {
  const configuration = service.deploymentConfiguration;
  const breaker = isJsonObject(configuration.deploymentCircuitBreaker) ? configuration.deploymentCircuitBreaker : {};
  const stalled = primaryOf(service)?.rolloutState === "FAILED" && service.taskDefinitionArn === taskDefinitionArn;
  return {
    cluster: service.clusterArn,
    service: service.name,
    taskDefinition: taskDefinitionArn,
    deploymentConfiguration: {
      ...configuration,
      deploymentCircuitBreaker: { ...breaker, enable: true, rollback: true },
    },
    // The same revision again starts no deployment; after one that failed and stayed, only force does.
    ...((force || stalled) && { forceNewDeployment: true }),
  };
}

/** The deployment that ECS is steering the service to. */
export function primaryOf(service: ObservedService): ClassicDeployment | undefined {
  return service.deployments.find(({ status }) => status === "PRIMARY");
}

/** What to go back to: the revision that runs; while the service is on its way to it, the last one that was good. */
export function earlierRevisionArn({ taskDefinitionArn, deployments }: ObservedService): string {
  const current = deployments.find(({ status }) => status === "PRIMARY");
  if (current?.rolloutState === undefined || current.rolloutState === "COMPLETED") return taskDefinitionArn;
  return deployments.find(({ rolloutState }) => rolloutState === "COMPLETED")?.taskDefinitionArn ?? taskDefinitionArn;
}

/** The service runs this revision already, all of it, and nothing is rolling. */
export function isSettledOn(service: ObservedService, taskDefinitionArn: string): boolean {
  const primary = primaryOf(service);
  return (
    service.taskDefinitionArn === taskDefinitionArn &&
    primary?.taskDefinitionArn === taskDefinitionArn &&
    primary.rolloutState !== "IN_PROGRESS" &&
    primary.rolloutState !== "FAILED"
  );
}
