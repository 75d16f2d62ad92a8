// How the rollout of one service ended, as a plain value. Times are milliseconds since the Unix
// epoch. Types only.

import type { DeploymentSnapshot } from "../ecs/deployment.ts";

/** `stage` says what ECS is doing, in its own words. */
export type Verdict = { readonly kind: "rolling"; readonly stage: string } | FinalVerdict;

export type FinalVerdict =
  | { readonly kind: "succeeded" }
  /** ECS went back to the revision before. */
  | { readonly kind: "rolled-back"; readonly reason: string }
  /** ECS wanted to go back and could not. */
  | { readonly kind: "rollback-failed"; readonly reason: string }
  /** It failed, and nothing goes back by itself. */
  | { readonly kind: "failed"; readonly reason: string }
  /** Somebody stopped it. */
  | { readonly kind: "stopped"; readonly reason: string }
  /** A newer deployment took its place. */
  | { readonly kind: "superseded"; readonly by: string }
  /** The service is not there any more. */
  | { readonly kind: "gone" };

/** What held from `at` (milliseconds since the Unix epoch) until the next sample. */
export interface CountSample {
  readonly at: number;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly failed: number;
}

/**
 * Why we stopped waiting for a deployment that ECS had not decided, and what became of the rollback
 * that was asked for.
 */
export interface GaveUp {
  readonly reason: "timed-out" | "tasks-failing";
  readonly stage: string;
  readonly failedTasks: number;
  /** `left`: on-timeout is leave, so the rollout goes on. */
  readonly rollback: "left" | "asked" | { readonly refused: string };
}

/** How one rollout ended for us, with the last that we saw of it. */
export interface RolloutEnd {
  readonly verdict: FinalVerdict | { readonly kind: "undecided"; readonly stage: string };
  readonly gaveUp: GaveUp | undefined;
  /**
   * When all of the traffic was first seen to go to our revision, and when its bake time began;
   * staged strategies only.
   */
  readonly trafficShiftedAt: number | undefined;
  readonly bakeStartedAt: number | undefined;
  /** Set if AWS no longer answered: since when, and why. */
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
