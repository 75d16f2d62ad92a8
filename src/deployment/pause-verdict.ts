// What a verification at a PAUSE hook has found. Types only.

import type { PausedHook } from "../ecs/paused-hook.ts";
import type { DeployErrorDetails } from "../errors.ts";
import type { HeartbeatReporter } from "../reporter/heartbeat.ts";
import type { FailedVerification } from "../run/rollout-end.ts";
import type { TrackedDeployment } from "./deployment-poller.ts";

export type PauseVerdict =
  /** `accepted` is called when ECS has accepted the answer CONTINUE. */
  | { readonly kind: "good"; readonly accepted: () => void }
  | {
      readonly kind: "bad";
      readonly verification: FailedVerification;
      /** `leave`: the hook keeps waiting for a person. */
      readonly answer: "rollback" | "leave";
    }
  /** The hook is left to a person, and the deployment is watched on. */
  | { readonly kind: "not-verified"; readonly reason: string }
  /** It could not be made: the version is neither good nor bad. */
  | { readonly kind: "impossible"; readonly problem: DeployErrorDetails };

export interface PauseContext {
  /** Aborts when the run is cancelled, and when the hook does not wait any more. */
  readonly signal: AbortSignal;
  readonly reporter: HeartbeatReporter;
  /** When the watch ends, in milliseconds since the Unix epoch. */
  readonly until: number;
}

/** Rejects only with the reason of the signal. */
export type VerifyPause = (
  tracked: TrackedDeployment,
  hook: PausedHook,
  context: PauseContext,
) => Promise<PauseVerdict>;
