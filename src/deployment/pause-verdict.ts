// What a verification at a PAUSE hook needs, and what it has found. Types only.

import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import type { DeploymentSnapshot } from "../ecs/deployment.ts";
import type { PausedHook } from "../ecs/paused-hook.ts";
import type { DeployErrorDetails } from "../errors.ts";
import type { HeartbeatReporter } from "../reporter/heartbeat.ts";
import type { FailedVerification, GaveUp } from "../run/rollout-end.ts";
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

export interface PauseVerifierPorts {
  readonly source: Pick<Ecs, "continueServiceDeployment" | "describeServiceDeployments">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: HeartbeatReporter;
  /** Prefix of its lines if several services are watched. */
  readonly name: string;
}

export interface PauseVerifier {
  /** Whether the deployment waits at a hook that the verification answers. */
  readonly takes: (snapshot: DeploymentSnapshot) => boolean;
  /**
   * Called with each poll: begins a verification, ends one whose hook does not wait any more, and
   * returns why the step gives up, once that is known.
   */
  readonly follow: (snapshot: DeploymentSnapshot, until: number) => GaveUp | undefined;
  /** Ends a verification that is running, and waits for its end. */
  readonly stop: () => Promise<void>;
}

/** Opened for each rollout; it does nothing until the deployment waits at a hook. */
export type OpenPauseVerifier = (
  tracked: TrackedDeployment,
  ports: PauseVerifierPorts,
) => PauseVerifier;
