// Verifies the new version when the rollout of all services is good, and rolls it back if it fails.

import { handleCancelledRollout, withRolloutStates } from "../deployment/cancel.ts";
import { continueAtOnce, createPauseVerifier } from "../deployment/pause-verifier.ts";
import { rollBackServices } from "../deployment/rollback-all.ts";
import { watchAndConclude } from "../deployment/run-rollout.ts";
import { asDeployError, DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { withHeartbeat } from "../reporter/heartbeat.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { Conclusion } from "../run/conclusion.ts";
import type { VerificationOutcome } from "../run/outcome.ts";
import { reporterFor } from "../run/outputs.ts";
import type { RunPhase } from "../run/phases.ts";
import type { FailedVerification } from "../run/rollout-end.ts";
import { hasStarted, type RunState, type ServiceRun, type StartedRun } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { failedVerification, hasRollbackTarget, keepReason } from "./failed-verification.ts";
import { minBudgetMilliseconds } from "./limits.ts";
import { type CheckPorts, runChecks } from "./run-checks.ts";
import { endIfEnough } from "./time-left.ts";

export interface VerificationPorts extends CheckPorts {
  readonly postState: Runtime["postState"];
  readonly reporter: Reporter;
  readonly phase: RunPhase;
}

/** @throws DeployError `VerificationFailed` if the new version keeps running; and of AWS */
export async function verifyAfterRollout(
  inputs: Inputs,
  ports: VerificationPorts,
  runState: RunState,
): Promise<void> {
  const { services } = runState;
  const [entry] = services;
  const started = services.filter(hasStarted);
  const isVerified = started.length > 0 && started.every(({ verified }) => verified);
  if (!entry || isVerified) return;
  const results = await ports.phase("Verify the new version", () =>
    runUntilCancelled(entry, inputs, ports, runState),
  );
  if (results.every(({ passed }) => passed)) return;
  const moved = started
    .filter(hasRollbackTarget)
    .filter(({ conclusion }) => conclusion?.outcome === "succeeded");
  const kept = keepReason(inputs, services, moved);
  const failed = failedVerification(results, services, kept);
  if (kept !== undefined) throw keptError(failed, kept);
  await ports.phase("Roll back", () => rollBack(moved, failed, inputs, ports, runState));
}

function keptError({ message, hint }: FailedVerification, kept: string): DeployError {
  return new DeployError({
    code: "VerificationFailed",
    message: `${message}\nIt is not rolled back and keeps running: ${kept}.`,
    hint,
  });
}

async function runUntilCancelled(
  entry: ServiceRun,
  inputs: Inputs,
  ports: VerificationPorts,
  runState: RunState,
): Promise<readonly VerificationOutcome[]> {
  const { clock, signal } = ports;
  const now = clock.now();
  const until = endIfEnough(now, runState.waitEndsAt ?? now + inputs.waitForMinutes * 60_000);
  if (until === undefined) throw tooLate();
  try {
    return await withHeartbeat(ports.reporter, clock, (reporter) =>
      runChecks({ entry, until, signal, reporter }, inputs, ports, runState),
    );
  } catch (error) {
    throw await withStates(asDeployError(error), inputs, ports, runState);
  }
}

function tooLate(): DeployError {
  return new DeployError({
    code: "VerificationFailed",
    message:
      "The new version runs, but it was not verified: less than " +
      `${minBudgetMilliseconds / 1000} s of wait-for-minutes were left. It is not rolled back.`,
    hint: "Raise wait-for-minutes.",
  });
}

/** What runs, and what on-cancel asks for a deployment that ECS still continues (`wait-until`). */
async function withStates(
  error: DeployError,
  { onCancel }: Inputs,
  { aws, clock, postState }: VerificationPorts,
  { services }: RunState,
): Promise<DeployError> {
  if (error.code !== "Cancelled") return error;
  const ports = { ecs: aws.ecsAfterCancel, clock, onCancel, postState };
  const states = await Promise.all(
    services.filter(hasStarted).map(async ({ deployment, end }) => {
      if (end?.verdict.kind !== "reached-stage")
        return { deployment, state: { kind: "over", verdict: { kind: "succeeded" } } } as const;
      return { deployment, state: await handleCancelledRollout(deployment, ports) };
    }),
  );
  const during = new DeployError(
    { code: "Cancelled", message: `${error.message}\nThe verification had not ended.` },
    { cause: error },
  );
  return withRolloutStates(during, "Cancelled", states);
}

/**
 * A deployment that ECS still continues is stopped with a rollback; one that has ended gets its
 * previous revision by an update. Afterwards each of them has its conclusion.
 */
async function rollBack(
  moved: readonly StartedRun[],
  failed: FailedVerification,
  inputs: Inputs,
  ports: VerificationPorts,
  runState: RunState,
): Promise<void> {
  const { clock, reporter } = ports;
  const watching = {
    ...ports,
    image: undefined,
    reporterFor: (entry: ServiceRun) => reporterFor(entry, runState, reporter),
  };
  const open = moved.filter(({ end }) => end?.verdict.kind === "reached-stage");
  const until = clock.now() + inputs.waitForMinutes * 60_000;
  for (const entry of open) entry.conclusion = undefined;
  if (open.length > 0) {
    const untilEnded: Inputs = { ...inputs, waitUntil: undefined };
    const histories = open.map(({ end }) => end?.history ?? []);
    await watchAndConclude(open, untilEnded, { ...watching, until, failedVerification: failed });
    for (const [index, entry] of open.entries())
      if (entry.end)
        entry.end = {
          ...entry.end,
          history: [...(histories[index] ?? []), ...entry.end.history],
        };
  }
  // It ended before the request arrived.
  const ended = moved.filter(
    (entry) => !open.includes(entry) || entry.end?.verdict.kind === "succeeded",
  );
  if (ended.length > 0) {
    const because = {
      reason: "the verification failed",
      input: "on-verify-failure: rollback",
      code: "VerificationFailed",
    } as const;
    await rollBackServices(ended, because, inputs, {
      ...watching,
      openPauseVerifier: (tracked, pausePorts) =>
        createPauseVerifier(tracked, continueAtOnce, pausePorts),
    });
  }
  for (const [index, entry] of moved.entries())
    if (entry.rollbackRun && entry.conclusion)
      entry.conclusion = withFailure(entry.conclusion, failed, index === 0);
}

/** The whole text once: one annotation has the problems of all services. */
function withFailure(
  conclusion: Conclusion,
  { message, hint }: FailedVerification,
  isFirst: boolean,
): Conclusion {
  const { problem } = conclusion;
  if (!problem || !isFirst) return conclusion;
  return {
    ...conclusion,
    problem: {
      code: problem.code,
      message: `${message}\n${problem.message}`,
      hint: [problem.hint, hint].filter(Boolean).join("\n"),
    },
  };
}
