// The PAUSE hook at which a deployment waits for an answer, PURE.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html

import type { ServiceDeployment } from "./deployment.ts";

/** What ContinueServiceDeployment takes, and what ECS does when a hook expires. */
export type HookAction = "CONTINUE" | "ROLLBACK";

/** A PAUSE hook that waits for ContinueServiceDeployment. */
export interface PausedHook {
  readonly serviceDeploymentArn: string;
  readonly hookId: string;
  /** The lifecycle stage, `POST_TEST_TRAFFIC_SHIFT`; undefined: ECS names none. */
  readonly stage: string | undefined;
  /** Milliseconds since the Unix epoch; undefined: ECS does not say. */
  readonly expiresAt: number | undefined;
  /** What ECS does when it expires without an answer. ECS's own default: ROLLBACK. */
  readonly timeoutAction: HookAction;
}

/** A hook that this run answered, or tried to answer. */
export interface AnsweredHook {
  readonly hookId: string;
  readonly action: HookAction;
  /**
   * ECS accepted the answer, or the hook had this very answer already. false: something else became
   * of the hook.
   */
  readonly tookEffect: boolean;
}

/**
 * The first hook of the deployment that waits for an answer; undefined: none does. A deployment that
 * is being rolled back or has ended waits for nothing, whatever its hooks say.
 */
export function findPausedHook(deployment: ServiceDeployment | undefined): PausedHook | undefined {
  if (deployment?.status !== "IN_PROGRESS") return undefined;
  const hook = deployment.hooks.find(({ status }) => status === "AWAITING_ACTION");
  if (!hook) return undefined;
  return {
    serviceDeploymentArn: deployment.arn,
    hookId: hook.id,
    stage: deployment.lifecycleStage,
    expiresAt: hook.expiresAt,
    timeoutAction: hook.timeoutAction === "CONTINUE" ? "CONTINUE" : "ROLLBACK",
  };
}
