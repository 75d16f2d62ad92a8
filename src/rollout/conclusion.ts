// What the end of one rollout means to the user, PURE: which outcome, why, what runs now, how to go back.

import type { DeployErrorDetails } from "../errors.ts";
import type { OutcomeName, ReasonCode } from "../report/outcome.ts";
import { counted, shortRevision } from "../report/wording.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { OurDeployment } from "./snapshot.ts";
import type { GaveUp, RolloutEnd } from "./watch.ts";

export interface Conclusion {
  readonly outcome: OutcomeName;
  /** Given where the outcome alone would say too much: the update was accepted, but nobody watched. */
  readonly reasonCode?: ReasonCode;
  /** Absent when all is well. */
  readonly problem?: DeployErrorDetails;
  /** The problem was foreseen by the inputs, and is a warning only. */
  readonly tolerated?: true;
  /** Worth saying although all is well. */
  readonly notice?: string;
}

export interface ConclusionRequest {
  readonly end: RolloutEnd;
  readonly previousTaskDefinitionArn: string;
  readonly diagnosis: Diagnosis | undefined;
  readonly waitMinutes: number;
  readonly onSuperseded: "fail" | "warn";
  /** What the deployment that took over runs, and whose it is; absent where that is not known. */
  readonly superseder?: string | undefined;
}

export function conclude({
  end,
  previousTaskDefinitionArn,
  diagnosis,
  waitMinutes,
  onSuperseded,
  superseder,
}: ConclusionRequest): Conclusion {
  const { verdict, deployment } = end;
  const name = `Service ${deployment.service}`;
  const revision = shortRevision(deployment.taskDefinitionArn);
  const cause = diagnosis ? `\n${diagnosis.cause}` : "";
  const next = diagnosis ? `${diagnosis.next}\n` : "";
  const now = runningNow(end);
  const back = goBack(deployment, previousTaskDefinitionArn);
  if (end.gaveUp && verdict.kind !== "succeeded")
    return concludeGivenUp({ end, previousTaskDefinitionArn, diagnosis, waitMinutes, onSuperseded }, end.gaveUp);
  switch (verdict.kind) {
    case "succeeded":
      return end.snapshot.service?.desiredCount === 0
        ? {
            outcome: "succeeded",
            notice: `${name} is stable on ${revision}, but nothing runs: its desired count is 0.`,
          }
        : { outcome: "succeeded" };
    case "rolled-back":
      return problem("rolled-back", {
        code: "RolledBack",
        message: `${name} did not take ${revision}: ${verdict.reason}${cause}\n${now}`,
        hint: `${next}${diagnosis?.kind === "nothing-found" ? "Deploy" : "Correct it and deploy"} again.`,
      });
    case "rollback-failed":
      return problem("failed", {
        code: "RollbackFailed",
        message: `${name} did not take ${revision}, and ECS could not go back: ${verdict.reason}${cause}\n${now}`,
        hint: `${next}${/no rollback candidate/i.test(verdict.reason) ? "No earlier deployment of this service was ever good: correct the cause and deploy again." : back}`,
      });
    case "failed":
      return problem("failed", {
        code: "RolloutFailed",
        message: `${name} did not take ${revision}, and nothing goes back by itself: ${verdict.reason}${cause}\n${now}`,
        hint: `${next}${back}`,
      });
    case "stopped":
      return problem("failed", {
        code: "RolloutStopped",
        message: `The deployment of ${revision} to ${deployment.service} was stopped by somebody: ${verdict.reason}\n${now}`,
        hint: "CloudTrail has who called StopServiceDeployment or UpdateService.",
      });
    case "superseded":
      return {
        ...problem("superseded", {
          code: "RolloutSuperseded",
          message: `A newer deployment took over ${deployment.service} before ${revision} was through: ${superseder === undefined ? verdict.by : `${superseder} (${verdict.by})`}.\n${now}`,
          hint: "Deploy one at a time: give the job a `concurrency` group with cancel-in-progress: false.",
        }),
        ...(onSuperseded === "warn" && { tolerated: true }),
      };
    case "gone":
      return problem("failed", {
        code: "ServiceNotActive",
        message: `${name} was deleted while its rollout was watched.`,
        hint: "Create the service again before you deploy to it.",
      });
    case "undecided":
      return problem("failed", {
        code: "RolloutUnwatched",
        message: `${name} is not through with ${revision}. The rollout goes on.\n${now}`,
        hint: back,
      });
  }
}

/** We stopped waiting; what ECS did after that decides only what is running now, unless it came through after all. */
function concludeGivenUp(
  { end, previousTaskDefinitionArn, diagnosis, waitMinutes }: ConclusionRequest,
  gaveUp: GaveUp,
): Conclusion {
  const { deployment, verdict } = end;
  const revision = shortRevision(deployment.taskDefinitionArn);
  const timedOut = gaveUp.why === "timed-out";
  const what = timedOut
    ? `Service ${deployment.service} was not through with ${revision} after ${counted(waitMinutes, "minute")} (${inWords(gaveUp.stage)}).`
    : `${counted(gaveUp.failedTasks, "task")} of ${revision} failed on service ${deployment.service}, as many as fail-after-failed-tasks allows.`;
  return problem(timedOut ? "timed-out" : "failed", {
    code: timedOut ? "RolloutTimedOut" : "TasksFailing",
    message: [what, whatBecame(gaveUp, verdict), diagnosis?.cause, runningNow(end)].filter(Boolean).join("\n"),
    hint: [
      diagnosis?.next,
      timedOut && diagnosis?.weight !== "strong" && "Raise wait-for-minutes if the service needs longer.",
      verdict.kind !== "rolled-back" && goBack(deployment, previousTaskDefinitionArn),
    ]
      .filter(Boolean)
      .join("\n"),
  });
}

function whatBecame({ rollback }: GaveUp, verdict: RolloutEnd["verdict"]): string {
  if (rollback === "left") return "The rollout goes on in ECS.";
  if (rollback !== "asked") return `It could not be rolled back: ${rollback.refused} The rollout goes on in ECS.`;
  if (verdict.kind === "rolled-back") return "It was rolled back, as on-timeout asks.";
  if (verdict.kind === "undecided") return "ECS was asked to roll it back and is still at it.";
  const reason = "reason" in verdict ? verdict.reason : verdict.kind;
  return `ECS was asked to roll it back, but that did not end well: ${reason}`;
}

function problem(outcome: OutcomeName, details: DeployErrorDetails): Conclusion {
  return { outcome, problem: details };
}

function runningNow({ snapshot: { service } }: RolloutEnd): string {
  if (!service) return "What runs now is not known.";
  const running = service.deployments
    .filter(({ runningCount }) => runningCount > 0)
    .map(
      ({ taskDefinitionArn, runningCount }) =>
        `${shortRevision(taskDefinitionArn)} (${runningCount} of ${service.desiredCount} tasks)`,
    );
  return running.length > 0 ? `Running now: ${running.join(", ")}.` : "Nothing runs now.";
}

function goBack({ cluster, service }: OurDeployment, previousTaskDefinitionArn: string): string {
  if (previousTaskDefinitionArn === "") return "It is the service's first deployment: there is nothing to go back to.";
  return `To go back: aws ecs update-service --cluster ${cluster} --service ${service} --task-definition ${shortRevision(previousTaskDefinitionArn)}`;
}

function inWords(stage: string): string {
  return stage.toLowerCase().replaceAll("_", " ");
}
