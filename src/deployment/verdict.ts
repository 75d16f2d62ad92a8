// Is our deployment in progress, successful or failed? PURE. Judged by its id only: a service that
// is stable again may be stable on the old revision.

import type { DeploymentSnapshot, OwnDeployment, ServiceDeployment } from "../ecs/deployment.ts";
import type { ClassicDeployment, ObservedService } from "../ecs/observed.ts";
import type { Verdict } from "../run/rollout-end.ts";

/** A verdict, and the rule that decided it in words, for the debug log. */
export interface Decision {
  readonly verdict: Verdict;
  readonly rule: string;
}

export function judgeDeployment(own: OwnDeployment, snapshot: DeploymentSnapshot): Verdict {
  return decideDeployment(own, snapshot).verdict;
}

export function decideDeployment(own: OwnDeployment, snapshot: DeploymentSnapshot): Decision {
  const { service, serviceDeployment, readFailure } = snapshot;
  if (serviceDeployment) return judgeServiceDeployment(own, serviceDeployment, snapshot);
  if (readFailure)
    return decision({ kind: "rolling", stage: "NOT_READABLE" }, "nothing could be read");
  if (!service || service.status === "INACTIVE")
    return decision({ kind: "gone" }, "the service is missing or INACTIVE");
  return judgeClassic(own, service, snapshot);
}

function decision(verdict: Verdict, rule: string): Decision {
  return { verdict, rule };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html */
function judgeServiceDeployment(
  own: OwnDeployment,
  deployment: ServiceDeployment,
  snapshot: DeploymentSnapshot,
): Decision {
  const reason = deployment.statusReason ?? deployment.rollbackReason ?? "ECS gave no reason.";
  const byStatus = (verdict: Verdict) => decision(verdict, "status of the service deployment");
  switch (deployment.status) {
    case "SUCCESSFUL":
      return byStatus({ kind: "succeeded" });
    case "ROLLBACK_SUCCESSFUL":
      return byStatus({ kind: "rolled-back", reason });
    case "ROLLBACK_FAILED":
      return byStatus({ kind: "rollback-failed", reason });
    case "STOPPED":
      return judgeStopped(own, deployment, snapshot, reason);
    case "PENDING":
    case "IN_PROGRESS":
      if (snapshot.service?.status === "INACTIVE")
        return decision({ kind: "gone" }, "the service is INACTIVE");
      return byStatus({ kind: "rolling", stage: deployment.lifecycleStage ?? deployment.status });
    case "STOP_REQUESTED":
    case "ROLLBACK_REQUESTED":
    case "ROLLBACK_IN_PROGRESS":
      return byStatus({ kind: "rolling", stage: deployment.status });
    default:
      // A state newer than this code: it does not count as a success. The wait continues and shows
      // it.
      return byStatus({ kind: "rolling", stage: deployment.status });
  }
}

/**
 * STOPPED has three meanings: a newer deployment superseded it, it failed with rollback off, or it
 * was stopped manually.
 */
function judgeStopped(
  own: OwnDeployment,
  deployment: ServiceDeployment,
  snapshot: DeploymentSnapshot,
  reason: string,
): Decision {
  if (deployment.breaker?.status === "TRIGGERED" || deployment.triggeredAlarms.length > 0)
    return decision({ kind: "failed", reason }, "STOPPED by the circuit breaker or an alarm");
  const newer = snapshot.newer?.[0]?.arn ?? newerPrimary(own, snapshot.service)?.id;
  if (newer !== undefined)
    return decision({ kind: "superseded", by: newer }, "STOPPED, and there is a newer deployment");
  // Only the service or its newer deployments can show which of the three it is.
  if (snapshot.readFailure && !snapshot.newer)
    return decision(
      { kind: "rolling", stage: "STOPPED" },
      "STOPPED, but newer deployments could not be read",
    );
  if (!snapshot.readFailure && snapshot.service?.status !== "ACTIVE")
    return decision({ kind: "gone" }, "STOPPED, and the service is not ACTIVE");
  return decision({ kind: "stopped", reason }, "STOPPED, and there is no newer deployment");
}

/**
 * ECS's reads may be behind our update; before this time an absent deployment does not count as
 * lost.
 */
const visibleWithinMilliseconds = 60_000;

/** Without the service-deployment calls: the classic list, by our id. */
function judgeClassic(
  own: OwnDeployment,
  service: ObservedService,
  { at, seen }: DeploymentSnapshot,
): Decision {
  const ownClassic = service.deployments.find(({ id }) => id === own.id);
  const primary = service.deployments.find(({ status }) => status === "PRIMARY");
  if (ownClassic?.status === "PRIMARY")
    return decision(
      judgeRolloutState(ownClassic),
      "rolloutState of our deployment in the classic list",
    );
  const newer = newerPrimary(own, service);
  if (newer)
    return decision(
      { kind: "superseded", by: newer.id },
      "a newer deployment is PRIMARY in the classic list",
    );
  const isRollback =
    ownClassic?.rolloutState === "FAILED" ||
    /rolling back/i.test(primary?.rolloutStateReason ?? "");
  if (!isRollback && !seen && at - own.startedAt < visibleWithinMilliseconds)
    return decision(
      { kind: "rolling", stage: "NOT_VISIBLE_YET" },
      "our deployment is not in the classic list yet",
    );
  // An earlier deployment is PRIMARY again, under its old id: ECS rolls back, or has rolled back.
  if (primary?.rolloutState !== "COMPLETED")
    return decision(
      { kind: "rolling", stage: "ROLLBACK_IN_PROGRESS" },
      "an earlier deployment is PRIMARY again",
    );
  return decision(
    { kind: "rolled-back", reason: rollbackReasonOf(own, service) },
    "an earlier deployment is PRIMARY again, and COMPLETED",
  );
}

/**
 * The failed deployment has left the list, and the one that ECS rolled back to is only marked as
 * complete; the event about the failure remains.
 */
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

/**
 * Compares the age as well: the deployment that ECS rolls back to may have left the list before
 * ours began.
 */
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
