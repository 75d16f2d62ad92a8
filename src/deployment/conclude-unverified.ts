// What the end of a rollout means whose verification failed, or whose PAUSE hook could not be
// answered, PURE.

import { shortRevision } from "../ecs/arn.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import type { HookAction, PausedHook } from "../ecs/paused-hook.ts";
import type { DeployErrorDetails } from "../errors.ts";
import type { Conclusion } from "../run/conclusion.ts";
import type { FailedVerification, GaveUp, RolloutEnd } from "../run/rollout-end.ts";
import { shellBlock } from "../text/code-block.ts";

interface UnverifiedRollout {
  readonly deployment: OwnDeployment;
  readonly end: RolloutEnd;
  /** What runs now, as a sentence. */
  readonly running: string;
  /** How to roll back by hand. */
  readonly rollbackHint: string;
}

/** undefined: neither is the case. */
export function concludeUnverified(rollout: UnverifiedRollout): Conclusion | undefined {
  const { gaveUp, verdict } = rollout.end;
  if (gaveUp?.verification) return concludeFailedVerification(rollout, gaveUp.verification, gaveUp);
  if (!gaveUp?.problem || !gaveUp.hook || verdict.kind !== "undecided") return undefined;
  return concludeUnansweredPause(rollout, gaveUp.problem, gaveUp.hook);
}

function concludeFailedVerification(
  rollout: UnverifiedRollout,
  verification: FailedVerification,
  gaveUp: GaveUp,
): Conclusion {
  const { end, running } = rollout;
  const code = "VerificationFailed";
  if (end.verdict.kind === "rolled-back")
    return {
      outcome: "rolled-back",
      problem: {
        code,
        message: [
          verification.message,
          "The deployment was rolled back (on-verify-failure: rollback).",
          running,
        ].join("\n"),
        hint: verification.hint,
      },
    };
  const answer =
    end.verdict.kind === "undecided" && gaveUp.hook && answerHint(gaveUp.hook, "ROLLBACK");
  const isWaiting = gaveUp.rollback !== "asked" && answer;
  return {
    outcome: "failed",
    problem: {
      code,
      message: [
        verification.message,
        describeRest(verification, gaveUp, end),
        isWaiting && gaveUp.hook && describeWaiting(gaveUp.hook),
        running,
      ]
        .filter(Boolean)
        .join("\n"),
      hint: [verification.hint, isWaiting || rollout.rollbackHint].join("\n"),
    },
  };
}

function describeRest(
  { kept }: FailedVerification,
  { rollback }: GaveUp,
  { verdict }: RolloutEnd,
): string {
  if (rollback === "left") return `It is not rolled back: ${kept ?? "on-verify-failure"}.`;
  if (rollback !== "asked") return `It could not be rolled back: ${rollback.refused}`;
  if (verdict.kind === "undecided") return "A rollback was requested and is still in progress.";
  if (verdict.kind === "succeeded")
    return "A rollback was requested, but ECS has completed the deployment: the new version runs.";
  const reason = "reason" in verdict ? verdict.reason : verdict.kind;
  return `A rollback was requested, but it did not succeed: ${reason}`;
}

/** The version is neither good nor bad, and the deployment still waits. */
function concludeUnansweredPause(
  { deployment, running }: UnverifiedRollout,
  problem: DeployErrorDetails,
  hook: PausedHook,
): Conclusion {
  const revision = shortRevision(deployment.taskDefinitionArn);
  return {
    outcome: "failed",
    problem: {
      code: problem.code,
      message: [
        `The PAUSE hook of ${deployment.service} was not answered for ${revision}.`,
        problem.message,
        describeWaiting(hook),
        running,
      ].join("\n"),
      hint: [problem.hint, answerHint(hook, "CONTINUE")].filter(Boolean).join("\n"),
    },
  };
}

function describeWaiting({ hookId, expiresAt, timeoutAction }: PausedHook): string {
  const until =
    expiresAt === undefined
      ? ""
      : ` until ${new Date(expiresAt).toISOString()}, then ECS does ${timeoutAction}`;
  return `The deployment keeps waiting at its PAUSE hook ${hookId}${until}.`;
}

const answerTexts: Readonly<Record<HookAction, string>> = {
  ROLLBACK: "To roll back (or, with --action CONTINUE, to continue)",
  CONTINUE: "To continue (or, with --action ROLLBACK, to roll back)",
};

function answerHint({ serviceDeploymentArn, hookId }: PausedHook, action: HookAction): string {
  const command = shellBlock(
    "aws ecs continue-service-deployment",
    `--service-deployment-arn ${serviceDeploymentArn}`,
    `--hook-id ${hookId}`,
    `--action ${action}`,
  );
  return `${answerTexts[action]}:\n${command}`;
}
