// The debug line of a poll, PURE: what was read of our deployment, and which rule decided.

import { resourceId } from "../ecs/arn.ts";
import type { DeploymentSnapshot, OwnDeployment } from "../ecs/deployment.ts";
import type { Verdict } from "../run/rollout-end.ts";
import { countsOf } from "./progress.ts";
import type { Decision } from "./verdict.ts";

/**
 * `api: service deployment IN_PROGRESS … running=1 …; classic list: … → rolling SCALE_UP (status of
 * the service deployment)`
 */
export function explainPoll(
  own: OwnDeployment,
  snapshot: DeploymentSnapshot,
  { verdict, rule }: Decision,
): string {
  const seen = [
    describeServiceDeployment(snapshot),
    describeCounts(own, snapshot),
    describeClassicList(own, snapshot),
    describeNewer(snapshot),
  ];
  return `${own.service}: ${seen.filter(Boolean).join("; ")} → ${describeVerdict(verdict)} (${rule})`;
}

function describeServiceDeployment({ serviceDeployment, readFailure }: DeploymentSnapshot): string {
  if (!serviceDeployment) {
    if (readFailure) return `not readable (${readFailure.reason})`;
    return "no service deployment";
  }
  const { arn, status, lifecycleStage, breaker, triggeredAlarms } = serviceDeployment;
  return [
    `service deployment ${resourceId(arn)} ${status}`,
    lifecycleStage === undefined ? "" : `stage=${lifecycleStage}`,
    breaker ? `breaker=${breaker.status}` : "",
    triggeredAlarms.length > 0 ? `alarms=${triggeredAlarms.join(",")}` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function describeCounts(own: OwnDeployment, snapshot: DeploymentSnapshot): string {
  const { desired, running, pending, failed } = countsOf(own, snapshot);
  return `desired=${desired} running=${running} pending=${pending} failed=${failed}`;
}

function describeClassicList(own: OwnDeployment, { service }: DeploymentSnapshot): string {
  if (!service) return "classic list: not read";
  const deployments = service.deployments.map(({ id, status, rolloutState }) => {
    const name = id === own.id ? `own ${id}` : id;
    return [name, status, rolloutState].filter(Boolean).join(" ");
  });
  return `classic list as last read: ${deployments.join(", ") || "empty"}`;
}

/** Listed only when ours was stopped. */
function describeNewer({ serviceDeployment, newer }: DeploymentSnapshot): string {
  if (serviceDeployment?.status !== "STOPPED") return "";
  if (!newer) return "newer service deployments: not readable";
  const ids = newer.map(({ arn, status }) => `${resourceId(arn)} ${status}`);
  return `newer service deployments: ${ids.join(", ") || "none"}`;
}

function describeVerdict(verdict: Verdict): string {
  if (verdict.kind === "rolling") return `rolling ${verdict.stage}`;
  if (verdict.kind === "superseded") return `superseded by ${verdict.by}`;
  return verdict.kind;
}
