// The second half of DeleteService: DRAINING until the tasks have stopped, then INACTIVE.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html

import { stopDeployment } from "./rollback.ts";
import type { EcsState, ServiceState } from "./state.ts";
import { isOngoing, latestRollout } from "./task-counts.ts";

export function beginDeletion(world: EcsState, service: ServiceState): void {
  const rollout = latestRollout(service);
  service.status = "DRAINING";
  service.desiredCount = 0;
  if (rollout && isOngoing(rollout))
    stopDeployment(rollout, world.clock.now(), "Service was deleted.");
  world.wake(service, world.timing.reaction);
}

/** The history of service deployments is deleted with the service. */
export function finishDeletion(service: ServiceState): boolean {
  if (service.revisions.some((revision) => revision.tasks.length > 0)) return false;
  service.status = "INACTIVE";
  service.rollouts = [];
  return false;
}
