// Answers a PAUSE hook, and says what became of the hook if ECS refuses the answer.

import { isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { ServiceDeployment } from "../ecs/deployment.ts";
import { findPausedHook, type HookAction, type PausedHook } from "../ecs/paused-hook.ts";

type AnswerSource = Pick<Ecs, "continueServiceDeployment" | "describeServiceDeployments">;

/** `accepted`, or what is known of a hook that did not wait any more when the answer arrived. */
export type AnswerResult =
  | { readonly kind: "accepted" }
  | {
      readonly kind: "not-waiting";
      /** SUCCEEDED, FAILED, TIMED_OUT; undefined: the hook is not listed any more. */
      readonly hookStatus: string | undefined;
      /** Of the service deployment; undefined: ECS does not know it any more. */
      readonly deploymentStatus: string | undefined;
    };

/**
 * Errors with which ECS may refuse an answer that comes too late. The API reference does not name
 * the one, so the state of the hook decides.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html
 */
const lateAnswerErrors = [
  "ConflictException",
  "InvalidParameterException",
  "ClientException",
  "ServiceDeploymentNotFoundException",
];

/**
 * Sends the answer once. `not-waiting` may also be the effect of this very answer, if its first
 * response was lost: compare `hookStatus` with what was asked for.
 * @throws DeployError `PermissionMissing`, `AwsUnavailable`; `AwsRefused` if the hook still waits
 */
export async function answerHook(
  hook: PausedHook,
  action: HookAction,
  ecs: AnswerSource,
  options?: CallOptions,
): Promise<AnswerResult> {
  const { serviceDeploymentArn, hookId } = hook;
  try {
    await ecs.continueServiceDeployment({ serviceDeploymentArn, hookId, action }, options);
    return { kind: "accepted" };
  } catch (error) {
    if (!isAwsError(error, ...lateAnswerErrors)) throw error;
    const [now] = await ecs.describeServiceDeployments([serviceDeploymentArn], options);
    if (isStillWaiting(now, hookId)) throw error;
    return {
      kind: "not-waiting",
      hookStatus: now?.hooks.find(({ id }) => id === hookId)?.status,
      deploymentStatus: now?.status,
    };
  }
}

function isStillWaiting(deployment: ServiceDeployment | undefined, hookId: string): boolean {
  return (
    findPausedHook(deployment) !== undefined &&
    deployment?.hooks.find(({ id }) => id === hookId)?.status === "AWAITING_ACTION"
  );
}
