// How the rollout of one service ended, as a plain value. Times are milliseconds since the Unix
// epoch. Types only.

import type { DeploymentSnapshot } from "../ecs/deployment.ts";
import type { PausedHook } from "../ecs/paused-hook.ts";
import type { DeployErrorDetails } from "../errors.ts";

/** `stage`: what ECS is doing, in its own terms. */
export type Verdict = { readonly kind: "rolling"; readonly stage: string } | FinalVerdict;

export type FinalVerdict =
  | { readonly kind: "succeeded" }
  /** ECS rolled back to the previous revision. */
  | { readonly kind: "rolled-back"; readonly reason: string }
  /** ECS started a rollback and it failed. */
  | { readonly kind: "rollback-failed"; readonly reason: string }
  /** It failed, and there is no automatic rollback. */
  | { readonly kind: "failed"; readonly reason: string }
  /** It was stopped manually. */
  | { readonly kind: "stopped"; readonly reason: string }
  /** A newer deployment superseded it. */
  | { readonly kind: "superseded"; readonly by: string }
  /** The service does not exist any more. */
  | { readonly kind: "gone" };

/** The state from `at` (milliseconds since the Unix epoch) until the next sample. */
export interface CountSample {
  readonly at: number;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly failed: number;
}

/**
 * Why the step stopped waiting for a deployment that ECS had not decided, and the state of the
 * requested rollback.
 */
export interface GaveUp {
  /** `pause-not-answered`: the PAUSE hook keeps waiting, because of `problem`. */
  readonly reason: "timed-out" | "tasks-failing" | "verification-failed" | "pause-not-answered";
  readonly stage: string;
  readonly failedTasks: number;
  /** `left`: on-timeout is leave, so the rollout continues. */
  readonly rollback: "left" | "asked" | { readonly refused: string };
  /** Of `verification-failed`. */
  readonly verification?: FailedVerification | undefined;
  /** Of `pause-not-answered`. */
  readonly problem?: DeployErrorDetails | undefined;
  /** At which the deployment waited then. */
  readonly hook?: PausedHook | undefined;
}

/** What verify-url and verify-command found wrong with a new version, in sentences. */
export interface FailedVerification {
  readonly message: string;
  readonly hint: string;
  /** Why it is not rolled back; undefined: it is. */
  readonly kept: string | undefined;
}

/** How one rollout ended for this run, with its last known state. */
export interface RolloutEnd {
  readonly verdict:
    | FinalVerdict
    /** The stage of `wait-until`, or a later one; the deployment continues in ECS. */
    | { readonly kind: "reached-stage"; readonly stage: string }
    | { readonly kind: "undecided"; readonly stage: string };
  readonly gaveUp: GaveUp | undefined;
  /**
   * When all of the traffic was first seen to go to our revision, and when its bake time began;
   * staged strategies only.
   */
  readonly trafficShiftedAt: number | undefined;
  readonly bakeStartedAt: number | undefined;
  /** Set if AWS stopped answering: since when, and why. */
  readonly outage: ReadOutage | undefined;
  readonly snapshot: DeploymentSnapshot;
  /** Counts over time, only where they changed. */
  readonly history: readonly CountSample[];
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface ReadOutage {
  readonly since: number;
  readonly reason: string;
}
