// What the end of a deployment means for a run that answered its PAUSE hook, PURE.

import { shortRevision } from "../ecs/arn.ts";
import type { Conclusion } from "../run/conclusion.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";
import type { ServiceRun } from "../run/state.ts";
import { watchAgainHint } from "./cancel.ts";

type AnsweredRun = Pick<ServiceRun, "answered" | "deployment">;

/** The run answered ROLLBACK, and ECS rolled back: it did what was asked. */
export function isRollbackAsAsked({ answered }: AnsweredRun, { verdict }: RolloutEnd): boolean {
  return answered?.action === "ROLLBACK" && answered.tookEffect && verdict.kind === "rolled-back";
}

/** A rollback that was asked for passes the step, as `rollback` does; anything else fails it. */
export function concludeAnswer(
  run: AnsweredRun,
  end: RolloutEnd,
  conclusion: Conclusion,
): Conclusion {
  const { answered, deployment } = run;
  if (!answered || !deployment) return conclusion;
  if (isRollbackAsAsked(run, end))
    return { outcome: "rolled-back", reasonCode: "RolledBack", tolerated: true };
  const { kind } = end.verdict;
  if (answered.action === "ROLLBACK" && (kind === "succeeded" || kind === "reached-stage"))
    return {
      outcome: "failed",
      problem: {
        code: "RollbackFailed",
        message:
          "answer-pause asked for a rollback, but the deployment of " +
          `${shortRevision(deployment.taskDefinitionArn)} to ${deployment.service} was not rolled ` +
          "back: its PAUSE hook had another answer already, and the new revision runs.",
        hint: "To roll back now, run the action with `rollback: true`.",
      },
    };
  return withoutAnsweringAgain(conclusion);
}

/** Running the job again would find nothing to answer. */
export const afterAnswerHint = "do not answer again: the hook has its answer";

function withoutAnsweringAgain(conclusion: Conclusion): Conclusion {
  const { problem } = conclusion;
  if (problem?.hint === undefined) return conclusion;
  return {
    ...conclusion,
    problem: { ...problem, hint: problem.hint.replace(watchAgainHint, afterAnswerHint) },
  };
}
