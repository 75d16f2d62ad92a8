// Verifies the new version of one service while its deployment waits at a PAUSE hook.

import type { PauseContext, PauseVerdict } from "../deployment/pause-verdict.ts";
import type { PausedHook } from "../ecs/paused-hook.ts";
import { asDeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { RunState } from "../run/state.ts";
import { failedVerification, hasRollbackTarget, keepReason } from "./failed-verification.ts";
import { minBudgetMilliseconds } from "./limits.ts";
import { type CheckPorts, runChecks } from "./run-checks.ts";
import { endAtPause } from "./time-left.ts";

interface Pause {
  /** One of the services of the run state. */
  readonly tracked: object;
  readonly hook: PausedHook;
  readonly context: PauseContext;
}

export async function verifyAtPause(
  { tracked, hook, context }: Pause,
  inputs: Inputs,
  ports: CheckPorts,
  runState: RunState,
): Promise<PauseVerdict> {
  const entry = runState.services.find((one) => one === tracked);
  if (!entry) return notVerified("This deployment is not one of this run's services.");
  // The verdict of an earlier pause says nothing about this one.
  entry.verified = false;
  const { signal, reporter, until: waitEndsAt } = context;
  const until = endAtPause(ports.clock.now(), waitEndsAt, hook);
  if (until === undefined)
    return notVerified(
      `The new version is not verified at the PAUSE hook ${hook.hookId}, which waits for a ` +
        `person: less than ${minBudgetMilliseconds / 1000} s are left before the hook expires or ` +
        "wait-for-minutes is over.",
    );
  try {
    const results = await runChecks({ entry, until, signal, reporter }, inputs, ports, runState);
    if (results.every(({ passed }) => passed))
      return {
        kind: "good",
        accepted: () => {
          entry.verified = true;
        },
      };
    const kept = keepReason(inputs, [entry], [entry].filter(hasRollbackTarget));
    const verification = failedVerification(results, [entry], kept);
    return { kind: "bad", verification, answer: kept === undefined ? "rollback" : "leave" };
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, message, hint } = asDeployError(error);
    return { kind: "impossible", problem: { code, message, hint } };
  }
}

function notVerified(reason: string): PauseVerdict {
  return { kind: "not-verified", reason };
}
