// earlySuccessCriteria: enough healthy tasks count as success, the rest continues in the
// background. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentEarlySuccessCriteria.html

import type { RolloutState, ServiceState } from "./state.ts";
import { healthyTasks } from "./task-counts.ts";

export function earlySuccessReached(service: ServiceState, rollout: RolloutState): boolean {
  const criteria = rollout.configuration.earlySuccessCriteria;
  if (!criteria?.enable || rollout.rollback) return false;
  return (
    healthyTasks(rollout.target).length >=
    Math.ceil((service.desiredCount * (criteria.healthyPercent ?? 100)) / 100)
  );
}
