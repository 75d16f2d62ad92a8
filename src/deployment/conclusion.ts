// What the end of one rollout means to the user, PURE: the outcome, its cause, what runs now, how
// to roll back.

import { describePending, infrastructureRemedy } from "../diagnosis/pending-infrastructure.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import {
  type ExpressInfrastructure,
  type ManagedResource,
  pendingResources,
} from "../ecs/express.ts";
import type { DeployErrorDetails, ErrorCode } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { Conclusion } from "../run/conclusion.ts";
import type { Diagnosis } from "../run/diagnosis.ts";
import type { OutcomeName } from "../run/outcome.ts";
import type { GaveUp, RolloutEnd } from "../run/rollout-end.ts";
import { shellBlock } from "../text/code-block.ts";
import { pluralize } from "../text/format.ts";
import { watchAgainHint } from "./cancel.ts";
import { concludeUnverified } from "./conclude-unverified.ts";

export interface ConclusionRequest {
  readonly deployment: OwnDeployment;
  readonly end: RolloutEnd;
  readonly previousTaskDefinitionArn: string;
  readonly diagnosis: Diagnosis | undefined;
  /** Of an Express Mode service, as it was read last. */
  readonly infrastructure?: ExpressInfrastructure | undefined;
  readonly waitMinutes: number;
  readonly onSuperseded: "fail" | "warn";
  /** What the superseding deployment runs, and who registered it; absent where that is unknown. */
  readonly supersededBy?: string | undefined;
}

export function concludeRollout(request: ConclusionRequest): Conclusion {
  const { deployment, end, previousTaskDefinitionArn, diagnosis } = request;
  const { verdict } = end;
  const name = `Service ${deployment.service}`;
  const revision = shortRevision(deployment.taskDefinitionArn);
  const failed = `Deployment of ${revision} to service ${deployment.service} failed`;
  const cause = diagnosis ? `\n${diagnosis.cause}` : "";
  const remedy = diagnosis ? `${diagnosis.remedy}\n` : "";
  const running = describeRunningTasks(end);
  const pending = request.infrastructure ? pendingResources(request.infrastructure) : [];
  const rollbackHint = rollbackInstructions(deployment, previousTaskDefinitionArn);
  const unverified = concludeUnverified({ deployment, end, running, rollbackHint });
  if (unverified) return unverified;
  if (end.gaveUp && verdict.kind !== "succeeded") return concludeGivenUp(request, end.gaveUp);
  switch (verdict.kind) {
    case "succeeded":
    case "reached-stage":
      if (pending.length > 0) return concludeNotReady(request, pending);
      if (verdict.kind === "reached-stage") return concludeReachedStage(request, verdict.stage);
      return concludeSucceeded(request);
    case "rolled-back":
      return problem("rolled-back", {
        code: "RolledBack",
        message: `${failed}: ${verdict.reason}${cause}\n${running}`,
        hint:
          `${remedy}${diagnosis?.kind === "nothing-found" ? "Deploy" : "Correct it and deploy"} ` +
          "again.",
      });
    case "rollback-failed":
      return problem("failed", {
        code: "RollbackFailed",
        message: `${failed}, and the rollback failed: ${verdict.reason}${cause}\n${running}`,
        hint: `${remedy}${/no rollback candidate/i.test(verdict.reason) ? noCandidateHint : rollbackHint}`,
      });
    case "failed":
      return problem("failed", {
        code: "RolloutFailed",
        message: `${failed}, and ECS does not roll it back: ${verdict.reason}${cause}\n${running}`,
        hint: `${remedy}${rollbackHint}`,
      });
    case "stopped":
      return problem("failed", {
        code: "RolloutStopped",
        message:
          `The deployment of ${revision} to ${deployment.service} was stopped by another user or ` +
          `process: ${verdict.reason}\n${running}`,
        hint: "CloudTrail shows who called StopServiceDeployment or UpdateService.",
      });
    case "superseded":
      return concludeSuperseded(request, verdict.by);
    case "gone":
      return problem("failed", {
        code: "ServiceNotActive",
        message: `${name} was deleted while its deployment was watched.`,
        hint: "Create the service again before you deploy to it.",
      });
    case "undecided":
      return problem("failed", {
        code: "WatchInterrupted",
        message:
          `How the deployment of ${revision} to ${deployment.service} ended is unknown: ` +
          `${describeOutage(end)}\nAs far as is known, it continues in ECS, but is not watched.`,
        hint: `Check the deployment in the console, or ${watchAgainHint}.`,
      });
  }
}

function concludeSucceeded({ deployment, end }: ConclusionRequest): Conclusion {
  if (end.snapshot.service?.desiredCount !== 0) return { outcome: "succeeded" };
  const revision = shortRevision(deployment.taskDefinitionArn);
  return {
    outcome: "succeeded",
    notice:
      `Service ${deployment.service} is stable on ${revision}, but nothing runs: its desired ` +
      "count is 0.",
  };
}

/** The deployment continues in ECS: what it may still do, and until when. */
function concludeReachedStage({ deployment, end }: ConclusionRequest, stage: string): Conclusion {
  return {
    outcome: "succeeded",
    reasonCode: "ReachedStage",
    notice:
      `${shortRevision(deployment.taskDefinitionArn)} has reached the lifecycle stage ${stage} on ` +
      `service ${deployment.service} (wait-until), and the step does not wait any longer. ` +
      `${describeRemainingStages(end, stage)}`,
  };
}

function describeRemainingStages(end: RolloutEnd, stage: string): string {
  if (stage === "CLEAN_UP")
    return "The bake time is over; ECS still stops the tasks of the previous revision.";
  const { bakeTimeInMinutes } = end.snapshot.service?.deploymentConfiguration ?? {};
  const until = describeBakeEnd(bakeTimeInMinutes, end.bakeStartedAt);
  return `The deployment continues in ECS, which may still roll back ${until}.`;
}

/** ECS calls the deployment successful, but the service cannot be reached. */
function concludeNotReady(
  { deployment }: ConclusionRequest,
  pending: readonly ManagedResource[],
): Conclusion {
  const outcome = pending.some(({ status }) => status === "FAILED") ? "failed" : "timed-out";
  return problem(outcome, {
    code: "InfrastructureNotReady",
    message:
      `The tasks of ${shortRevision(deployment.taskDefinitionArn)} run on service ` +
      `${deployment.service}, but the service is not complete. ${describePending(pending)}`,
    hint: infrastructureRemedy,
  });
}

const noCandidateHint =
  "This service has no successful deployment to roll back to: correct the cause and deploy again.";

function concludeSuperseded(
  { deployment, end, supersededBy, onSuperseded }: ConclusionRequest,
  newerId: string,
): Conclusion {
  const revision = shortRevision(deployment.taskDefinitionArn);
  const newer = supersededBy === undefined ? newerId : `${supersededBy} (${newerId})`;
  return {
    ...problem("superseded", {
      code: "RolloutSuperseded",
      message:
        `Superseded: a newer deployment of ${deployment.service} started before ${revision} ` +
        `finished: ${newer}.\n${describeRunningTasks(end)}`,
      hint: "Deploy one at a time: give the job a `concurrency` group with cancel-in-progress: false.",
    }),
    tolerated: onSuperseded === "warn" ? true : undefined,
  };
}

/**
 * The step stopped waiting; what ECS did after that decides only what is running now, unless the
 * deployment succeeded after all.
 */
function concludeGivenUp(
  {
    deployment,
    end,
    previousTaskDefinitionArn,
    diagnosis,
    infrastructure,
    waitMinutes,
  }: ConclusionRequest,
  gaveUp: GaveUp,
): Conclusion {
  const { verdict } = end;
  const revision = shortRevision(deployment.taskDefinitionArn);
  const timedOut = gaveUp.reason === "timed-out";
  const trafficShifted = timedOut && isTrafficShifted(end);
  const headline = timedOut
    ? `Service ${deployment.service} did not finish deploying ${revision} within ` +
      `${pluralize(waitMinutes, "minute")} (${stageLabel(gaveUp.stage)}).`
    : `${pluralize(gaveUp.failedTasks, "task")} of ${revision} failed on service ` +
      `${deployment.service}: the limit of fail-after-failed-tasks is reached.`;
  return problem(timedOut ? "timed-out" : "failed", {
    code: givenUpCode(timedOut, infrastructure),
    message: [
      headline,
      end.outage && describeOutage(end),
      trafficShifted && describeTrafficShift(deployment, end),
      describeRollbackResult(gaveUp, end),
      diagnosis?.cause,
      describeRunningTasks(end),
    ]
      .filter(Boolean)
      .join("\n"),
    hint: [
      diagnosis?.remedy,
      timedOut && !end.outage && diagnosis?.priority !== "strong" && raiseTimeoutHint(end),
      verdict.kind !== "rolled-back" && rollbackInstructions(deployment, previousTaskDefinitionArn),
    ]
      .filter(Boolean)
      .join("\n"),
  });
}

function givenUpCode(
  timedOut: boolean,
  infrastructure: ExpressInfrastructure | undefined,
): ErrorCode {
  if (!timedOut) return "TasksFailing";
  if (infrastructure && pendingResources(infrastructure).length > 0)
    return "InfrastructureNotReady";
  return "RolloutTimedOut";
}

function describeOutage({ outage }: RolloutEnd): string {
  if (outage)
    return `AWS has given no usable answer since ${formatUtcTime(outage.since)}: ${outage.reason}`;
  return "";
}

/** Our revision has all of the traffic; ECS is only in the bake time, or waits for hooks. */
export function isTrafficShifted({ verdict, trafficShiftedAt }: RolloutEnd): boolean {
  return verdict.kind === "undecided" && trafficShiftedAt !== undefined;
}

function describeTrafficShift(
  deployment: OwnDeployment,
  { trafficShiftedAt = 0, bakeStartedAt, snapshot }: RolloutEnd,
): string {
  const { bakeTimeInMinutes } = snapshot.service?.deploymentConfiguration ?? {};
  const until = describeBakeEnd(bakeTimeInMinutes, bakeStartedAt);
  return (
    `${shortRevision(deployment.taskDefinitionArn)} has had 100 % of the traffic since ` +
    `${formatUtcTime(trafficShiftedAt)}; ECS may still roll back ${until}.`
  );
}

function describeBakeEnd(minutes: JsonValue | undefined, startedAt: number | undefined): string {
  if (typeof minutes !== "number") return "until its bake time is over";
  if (minutes === 0) return "until the deployment is completed";
  const isOver = `its bake time of ${pluralize(minutes, "minute")} is over`;
  if (startedAt === undefined) return `until ${isOver}`;
  return `until about ${formatUtcTime(startedAt + minutes * 60_000)}, when ${isOver}`;
}

function raiseTimeoutHint(end: RolloutEnd): string {
  if (isTrafficShifted(end))
    return (
      "Raise wait-for-minutes above all that the deployment strategy takes, its bake time " +
      "included."
    );
  return "Raise wait-for-minutes if the service needs longer.";
}

function formatUtcTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(11, 16)} UTC`;
}

function describeRollbackResult({ rollback }: GaveUp, { verdict, outage }: RolloutEnd): string {
  const inProgress = outage
    ? "As far as is known, the deployment continues in ECS."
    : "The deployment continues in ECS.";
  if (rollback === "left") return inProgress;
  if (rollback !== "asked") return `It could not be rolled back: ${rollback.refused} ${inProgress}`;
  if (verdict.kind === "rolled-back") return "It was rolled back (on-timeout: rollback).";
  if (verdict.kind === "undecided" && outage)
    return "ECS accepted the rollback request; its result is unknown.";
  if (verdict.kind === "undecided") return "A rollback was requested and is still in progress.";
  const reason = "reason" in verdict ? verdict.reason : verdict.kind;
  return `A rollback was requested, but it did not succeed: ${reason}`;
}

function problem(outcome: OutcomeName, details: DeployErrorDetails): Conclusion {
  return { outcome, problem: details };
}

function describeRunningTasks({ snapshot: { service } }: RolloutEnd): string {
  if (!service) return "What runs now is unknown.";
  const running = service.deployments
    .filter(({ runningCount }) => runningCount > 0)
    .map(
      ({ taskDefinitionArn, runningCount }) =>
        `${shortRevision(taskDefinitionArn)} (${runningCount} of ${service.desiredCount} tasks)`,
    );
  if (running.length > 0) return `Running now: ${running.join(", ")}.`;
  return "Nothing runs now.";
}

function rollbackInstructions(
  { cluster, service }: OwnDeployment,
  previousTaskDefinitionArn: string,
): string {
  if (previousTaskDefinitionArn === "")
    return "This is the service's first deployment: there is no revision to roll back to.";
  const command = shellBlock(
    "aws ecs update-service",
    `--cluster ${cluster}`,
    `--service ${service}`,
    `--task-definition ${shortRevision(previousTaskDefinitionArn)}`,
  );
  return `To roll back:\n${command}`;
}

function stageLabel(stage: string): string {
  return stage.toLowerCase().replaceAll("_", " ");
}
