// What the end of one rollout means to the user, PURE: which outcome, why, what runs now, how to go back.

import type { DeployErrorDetails } from "../errors.ts";
import type { OutcomeName, ReasonCode } from "../report/outcome.ts";
import { shortRevision } from "../report/wording.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { RolloutEnd } from "./watch.ts";

export interface Conclusion {
  readonly outcome: OutcomeName;
  /** Given where the outcome alone would say too much: the update was accepted, but nobody watched. */
  readonly reasonCode?: ReasonCode;
  /** Absent when all is well. */
  readonly problem?: DeployErrorDetails;
}

export interface ConclusionRequest {
  readonly end: RolloutEnd;
  readonly previousTaskDefinitionArn: string;
  readonly diagnosis: Diagnosis | undefined;
  readonly waitMinutes: number;
}

export function conclude({ end, previousTaskDefinitionArn, diagnosis, waitMinutes }: ConclusionRequest): Conclusion {
  const { verdict, deployment } = end;
  const name = `Service ${deployment.service}`;
  const revision = shortRevision(deployment.taskDefinitionArn);
  const cause = diagnosis ? `\n${diagnosis.cause}` : "";
  const next = diagnosis ? `${diagnosis.next}\n` : "";
  const now = runningNow(end);
  const back = `To go back: aws ecs update-service --cluster ${deployment.cluster} --service ${deployment.service} --task-definition ${shortRevision(previousTaskDefinitionArn)}`;
  switch (verdict.kind) {
    case "succeeded":
      return { outcome: "succeeded" };
    case "rolled-back":
      return problem("rolled-back", {
        code: "RolledBack",
        message: `${name} did not take ${revision}: ${verdict.reason}${cause}\n${now}`,
        hint: `${next}Correct it and deploy again; nothing needs to be undone.`,
      });
    case "rollback-failed":
      return problem("failed", {
        code: "RollbackFailed",
        message: `${name} did not take ${revision}, and ECS could not go back: ${verdict.reason}${cause}\n${now}`,
        hint: `${next}${back}`,
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
      return problem("superseded", {
        code: "RolloutSuperseded",
        message: `A newer deployment took over ${deployment.service} before ${revision} was through: ${verdict.by}.\n${now}`,
        hint: "Deploy one at a time: give the job a `concurrency` group with cancel-in-progress: false.",
      });
    case "gone":
      return problem("failed", {
        code: "ServiceNotActive",
        message: `${name} was deleted while its rollout was watched.`,
        hint: "Create the service again before you deploy to it.",
      });
    case "timed-out":
      return problem("timed-out", {
        code: "RolloutTimedOut",
        message: `${name} is not through with ${revision} after ${waitMinutes} minutes (${verdict.stage.toLowerCase().replaceAll("_", " ")}). The rollout goes on.${cause}\n${now}`,
        hint: `${next}Raise wait-for-minutes if the service needs longer.\n${back}`,
      });
  }
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
