// Is our deployment rolling, good, or lost? PURE. Judged by its id only: a service that is stable again may be stable on the old revision.

import type { DeploymentSnapshot, OwnDeployment, ServiceDeployment } from "../ecs/deployment.ts";
import type { ClassicDeployment, ObservedService } from "../ecs/observed.ts";
import type { Verdict } from "../run/rollout-end.ts";

export function judgeDeployment(own: OwnDeployment, snapshot: DeploymentSnapshot): Verdict {
  const { service, serviceDeployment, readFailure } = snapshot;
  if (serviceDeployment) return judgeServiceDeployment(own, serviceDeployment, snapshot);
  if (readFailure) return { kind: "rolling", stage: "NOT_READABLE" };
  if (!service || service.status === "INACTIVE") return { kind: "gone" };
  return judgeClassic(own, service, snapshot);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html */
function judgeServiceDeployment(
  own: OwnDeployment,
  deployment: ServiceDeployment,
  snapshot: DeploymentSnapshot,
): Verdict {
  const reason = deployment.statusReason ?? deployment.rollbackReason ?? "ECS gave no reason.";
  switch (deployment.status) {
    case "SUCCESSFUL":
      return { kind: "succeeded" };
    case "ROLLBACK_SUCCESSFUL":
      return { kind: "rolled-back", reason };
    case "ROLLBACK_FAILED":
      return { kind: "rollback-failed", reason };
    case "STOPPED":
      return judgeStopped(own, deployment, snapshot, reason);
    case "PENDING":
    case "IN_PROGRESS":
      return snapshot.service?.status === "INACTIVE"
        ? { kind: "gone" }
        : { kind: "rolling", stage: deployment.lifecycleStage ?? deployment.status };
    case "STOP_REQUESTED":
    case "ROLLBACK_REQUESTED":
    case "ROLLBACK_IN_PROGRESS":
      return { kind: "rolling", stage: deployment.status };
    default:
      // A state newer than this code: certainly not a success. The wait goes on and names it.
      return { kind: "rolling", stage: deployment.status };
  }
}

/** STOPPED has three meanings: something newer came, it failed with no rollback to do, or somebody stopped it. */
function judgeStopped(
  own: OwnDeployment,
  deployment: ServiceDeployment,
  snapshot: DeploymentSnapshot,
  reason: string,
): Verdict {
  if (deployment.breaker?.status === "TRIGGERED" || deployment.triggeredAlarms.length > 0)
    return { kind: "failed", reason };
  const newer = snapshot.newer?.[0]?.arn ?? newerPrimary(own, snapshot.service)?.id;
  if (newer !== undefined) return { kind: "superseded", by: newer };
  // Which of the three it is only the service or its newer deployments can tell.
  if (snapshot.readFailure && !snapshot.newer) return { kind: "rolling", stage: "STOPPED" };
  if (!snapshot.readFailure && snapshot.service?.status !== "ACTIVE") return { kind: "gone" };
  return { kind: "stopped", reason };
}

/** Reads may be behind our own update; before this time an absent deployment is not a lost one. */
const visibleWithinMilliseconds = 60_000;

/** Without the service-deployment calls: the classic list, by our id. */
function judgeClassic(
  own: OwnDeployment,
  service: ObservedService,
  { at, seen }: DeploymentSnapshot,
): Verdict {
  const ownClassic = service.deployments.find(({ id }) => id === own.id);
  const primary = service.deployments.find(({ status }) => status === "PRIMARY");
  if (ownClassic?.status === "PRIMARY") return judgeRolloutState(ownClassic);
  const newer = newerPrimary(own, service);
  if (newer) return { kind: "superseded", by: newer.id };
  const isRollback =
    ownClassic?.rolloutState === "FAILED" ||
    /rolling back/i.test(primary?.rolloutStateReason ?? "");
  if (!isRollback && !seen && at - own.startedAt < visibleWithinMilliseconds)
    return { kind: "rolling", stage: "NOT_VISIBLE_YET" };
  // An earlier deployment is PRIMARY again, under its old id: ECS goes back, or has gone back.
  if (primary?.rolloutState !== "COMPLETED")
    return { kind: "rolling", stage: "ROLLBACK_IN_PROGRESS" };
  return { kind: "rolled-back", reason: rollbackReasonOf(own, service) };
}

/** The lost deployment has left the list, and the one that is back says only that it is complete; the event of its end remains. */
function rollbackReasonOf({ id }: OwnDeployment, { deployments, events }: ObservedService): string {
  const ownClassic = deployments.find(
    (deployment) => deployment.id === id && deployment.rolloutState === "FAILED",
  );
  const event = events.find(({ message }) =>
    message.includes(`(deployment ${id}) deployment failed`),
  );
  return (
    ownClassic?.rolloutStateReason ??
    event?.message.replace(/^.*\) deployment failed/, "deployment failed") ??
    "the earlier deployment is the current one again."
  );
}

function judgeRolloutState({
  rolloutState,
  rolloutStateReason = "ECS gave no reason.",
}: ClassicDeployment): Verdict {
  switch (rolloutState) {
    case "COMPLETED":
      return { kind: "succeeded" };
    case "FAILED":
      return { kind: "failed", reason: rolloutStateReason };
    default:
      return { kind: "rolling", stage: rolloutState ?? "IN_PROGRESS" };
  }
}

/** By its age as well: what ECS goes back to may be one that had left the list before we began. */
function newerPrimary(
  own: OwnDeployment,
  service: ObservedService | undefined,
): ClassicDeployment | undefined {
  return service?.deployments.find(
    ({ id, status, createdAt }) =>
      status === "PRIMARY" &&
      id !== own.id &&
      !own.earlierIds.includes(id) &&
      createdAt >= own.startedAt,
  );
}
