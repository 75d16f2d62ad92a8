// Is our deployment rolling, good, or lost? PURE. Judged by its id only: a service that is stable again may be stable on the old revision.

import type { OurDeployment, ServiceDeployment, Snapshot } from "../ecs/deployment.ts";
import type { ClassicDeployment, ObservedService } from "../ecs/observed.ts";
import type { Verdict } from "../run/rollout-end.ts";

export function judge(ours: OurDeployment, snapshot: Snapshot): Verdict {
  const { service, serviceDeployment, unread } = snapshot;
  if (serviceDeployment) return judgeServiceDeployment(ours, serviceDeployment, snapshot);
  if (unread) return { kind: "rolling", stage: "NOT_READABLE" };
  if (!service || service.status === "INACTIVE") return { kind: "gone" };
  return judgeClassic(ours, service, snapshot);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html */
function judgeServiceDeployment(
  ours: OurDeployment,
  deployment: ServiceDeployment,
  snapshot: Snapshot,
): Verdict {
  const reason = deployment.statusReason ?? deployment.rollbackReason ?? "ECS gives no reason.";
  switch (deployment.status) {
    case "SUCCESSFUL":
      return { kind: "succeeded" };
    case "ROLLBACK_SUCCESSFUL":
      return { kind: "rolled-back", reason };
    case "ROLLBACK_FAILED":
      return { kind: "rollback-failed", reason };
    case "STOPPED":
      return judgeStopped(ours, deployment, snapshot, reason);
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
  ours: OurDeployment,
  deployment: ServiceDeployment,
  snapshot: Snapshot,
  reason: string,
): Verdict {
  if (deployment.breaker?.status === "TRIGGERED" || deployment.triggeredAlarms.length > 0)
    return { kind: "failed", reason };
  const newer = snapshot.newer?.[0]?.arn ?? newerPrimary(ours, snapshot.service)?.id;
  if (newer !== undefined) return { kind: "superseded", by: newer };
  // Which of the three it is only the service or its newer deployments can tell.
  if (snapshot.unread && !snapshot.newer) return { kind: "rolling", stage: "STOPPED" };
  if (!snapshot.unread && snapshot.service?.status !== "ACTIVE") return { kind: "gone" };
  return { kind: "stopped", reason };
}

/** Reads may be behind our own update; before this time an absent deployment is not a lost one. */
const visibleWithinMilliseconds = 60_000;

/** Without the service-deployment calls: the classic list, by our id. */
function judgeClassic(
  ours: OurDeployment,
  service: ObservedService,
  { at, seen }: Snapshot,
): Verdict {
  const mine = service.deployments.find(({ id }) => id === ours.id);
  const primary = service.deployments.find(({ status }) => status === "PRIMARY");
  if (mine?.status === "PRIMARY") return judgeRolloutState(mine);
  const newer = newerPrimary(ours, service);
  if (newer) return { kind: "superseded", by: newer.id };
  const isRollback =
    mine?.rolloutState === "FAILED" || /rolling back/i.test(primary?.rolloutStateReason ?? "");
  if (!isRollback && !seen && at - ours.startedAt < visibleWithinMilliseconds)
    return { kind: "rolling", stage: "NOT_VISIBLE_YET" };
  // An earlier deployment is PRIMARY again, under its old id: ECS goes back, or has gone back.
  if (primary?.rolloutState !== "COMPLETED")
    return { kind: "rolling", stage: "ROLLBACK_IN_PROGRESS" };
  return { kind: "rolled-back", reason: whyLost(ours, service) };
}

/** The lost deployment has left the list, and the one that is back says only that it is complete; the event of its end remains. */
function whyLost({ id }: OurDeployment, { deployments, events }: ObservedService): string {
  const mine = deployments.find(
    (deployment) => deployment.id === id && deployment.rolloutState === "FAILED",
  );
  const event = events.find(({ message }) =>
    message.includes(`(deployment ${id}) deployment failed`),
  );
  return (
    mine?.rolloutStateReason ??
    event?.message.replace(/^.*\) deployment failed/, "deployment failed") ??
    "the earlier deployment is the current one again."
  );
}

function judgeRolloutState({
  rolloutState,
  rolloutStateReason = "ECS gives no reason.",
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
  ours: OurDeployment,
  service: ObservedService | undefined,
): ClassicDeployment | undefined {
  return service?.deployments.find(
    ({ id, status, createdAt }) =>
      status === "PRIMARY" &&
      id !== ours.id &&
      !ours.earlierIds.includes(id) &&
      createdAt >= ours.startedAt,
  );
}
