// Runs the verification of one rollout while its deployment waits at a PAUSE hook, beside the
// polling, and answers the hook with its verdict.

import { callWithTimeout } from "../aws/deadline.ts";
import type { DeploymentSnapshot } from "../ecs/deployment.ts";
import { isAtOrAfter, type LifecycleStage } from "../ecs/lifecycle-stage.ts";
import { findPausedHook, type HookAction, type PausedHook } from "../ecs/paused-hook.ts";
import { asDeployError, type DeployErrorDetails } from "../errors.ts";
import type { HeartbeatReporter } from "../reporter/heartbeat.ts";
import type { GaveUp } from "../run/rollout-end.ts";
import { formatElapsed } from "../text/format.ts";
import { answerHook } from "./answer-hook.ts";
import type { TrackedDeployment } from "./deployment-poller.ts";
import type {
  PauseVerdict,
  PauseVerifier,
  PauseVerifierPorts,
  VerifyPause,
} from "./pause-verdict.ts";

/** The hook is answered within this time, or the step gives up on it. */
const hookAnswerMilliseconds = 20_000;

interface PauseRule {
  readonly verify: VerifyPause;
  /** Which hooks it answers: those of this stage and later ones; undefined: all. */
  readonly from: LifecycleStage | undefined;
  /** `verifying the new version` */
  readonly announcement: string;
}

/** For a rollback: its revision has run before, so it needs no answer of a person. */
export const continueAtOnce: PauseRule = {
  verify: async () => ({ kind: "good", accepted: () => {} }),
  from: undefined,
  announcement: "a rollback does not wait",
};

export function createPauseVerifier(
  tracked: TrackedDeployment,
  { verify, from, announcement }: PauseRule,
  ports: PauseVerifierPorts,
): PauseVerifier {
  const { signal, reporter } = ports;
  const say = (text: string) => reporter.info(`${prefixOf(tracked, ports)}${text}`);
  const begun = new Set<string>();
  let running: { readonly hook: PausedHook; readonly controller: AbortController } | undefined;
  let work: Promise<void> = Promise.resolve();
  let gaveUp: GaveUp | undefined;

  const hookOf = (snapshot: DeploymentSnapshot): PausedHook | undefined => {
    const hook = findPausedHook(snapshot.serviceDeployment);
    if (!hook || (from !== undefined && !isAtOrAfter(hook.stage, from))) return undefined;
    return hook;
  };

  const begin = (hook: PausedHook, until: number) => {
    begun.add(pauseKey(hook));
    const controller = new AbortController();
    running = { hook, controller };
    say(`the deployment waits at its PAUSE hook ${hook.hookId} (${hook.stage}): ${announcement}.`);
    const context = { reporter, until, signal: AbortSignal.any([signal, controller.signal]) };
    work = verify(tracked, hook, context)
      .then((verdict) => handleVerdict(verdict, hook, tracked, ports))
      .then((result) => {
        gaveUp = result;
      })
      .catch((error: unknown) => reportAborted(error, signal, reporter))
      .finally(() => {
        running = undefined;
      });
  };

  return {
    takes: (snapshot) => hookOf(snapshot) !== undefined,
    follow(snapshot, until) {
      const hook = hookOf(snapshot);
      if (running && snapshot.serviceDeployment && !isSame(running.hook, hook)) {
        say(`the hook ${running.hook.hookId} does not wait any more: the verification ends.`);
        running.controller.abort(new Error("the hook does not wait any more"));
      }
      if (hook && !running && !begun.has(pauseKey(hook))) begin(hook, until);
      return gaveUp;
    },
    async stop() {
      running?.controller.abort(new Error("the watch has ended"));
      await work;
    },
  };
}

function pauseKey({ hookId, stage }: PausedHook): string {
  return `${hookId} ${stage}`;
}

function isSame(a: PausedHook, b: PausedHook | undefined): boolean {
  return b !== undefined && pauseKey(a) === pauseKey(b);
}

/** After a cancel, what the error says of a task that keeps running must not be lost. */
function reportAborted(error: unknown, signal: AbortSignal, reporter: HeartbeatReporter): void {
  if (!signal.aborted || error === signal.reason) return;
  const { message, hint } = asDeployError(error);
  reporter.notice([message, hint].filter(Boolean).join("\n"));
}

/** @returns why the step gives up; undefined: it watches on */
async function handleVerdict(
  verdict: PauseVerdict,
  hook: PausedHook,
  tracked: TrackedDeployment,
  ports: PauseVerifierPorts,
): Promise<GaveUp | undefined> {
  const { reporter, name } = ports;
  const stage = hook.stage ?? "PAUSED";
  const base = { stage, failedTasks: 0 };
  switch (verdict.kind) {
    case "not-verified":
      reporter.notice(`${name}${verdict.reason}`);
      return undefined;
    case "impossible":
      return {
        ...base,
        reason: "pause-not-answered",
        rollback: "left",
        problem: withReason("The verification could not be made", verdict.problem),
        hook,
      };
    case "bad": {
      const { verification } = verdict;
      const failed = { ...base, reason: "verification-failed", verification, hook } as const;
      if (verdict.answer === "leave") return { ...failed, rollback: "left" };
      const answered = await sendVerdict(hook, "ROLLBACK", tracked, ports);
      if (answered === "accepted") return { ...failed, rollback: "asked" };
      if (answered === "not-waiting") return undefined;
      return { ...failed, rollback: { refused: answered.message } };
    }
    case "good": {
      const answered = await sendVerdict(hook, "CONTINUE", tracked, ports);
      if (answered === "accepted") {
        verdict.accepted();
        return undefined;
      }
      if (answered === "not-waiting") return undefined;
      return {
        ...base,
        reason: "pause-not-answered",
        rollback: "left",
        problem: withReason("The verification passed, but the answer failed", answered),
        hook,
      };
    }
  }
}

function withReason(reason: string, problem: DeployErrorDetails): DeployErrorDetails {
  return { ...problem, message: `${reason}: ${problem.message}` };
}

/** `  1:47  clockko-worker: ` */
function prefixOf({ deployment }: TrackedDeployment, { clock, name }: PauseVerifierPorts): string {
  return `${formatElapsed(clock.now() - deployment.startedAt).padStart(5)}  ${name}`;
}

/** The status of a hook that has got this answer. */
const statusAfter: Readonly<Record<HookAction, string>> = {
  CONTINUE: "SUCCEEDED",
  ROLLBACK: "FAILED",
};

async function sendVerdict(
  hook: PausedHook,
  action: HookAction,
  tracked: TrackedDeployment,
  ports: PauseVerifierPorts,
) {
  const { source, clock, reporter, name } = ports;
  try {
    const result = await callWithTimeout(hookAnswerMilliseconds, clock, (options) =>
      answerHook(hook, action, source, options),
    );
    // The first response may have been lost: then this is the effect of our own answer.
    if (result.kind === "accepted" || result.hookStatus === statusAfter[action]) {
      reporter.info(
        `${prefixOf(tracked, ports)}answered the PAUSE hook ${hook.hookId}: ${action}.`,
      );
      return "accepted";
    }
    reporter.notice(
      `${name}The PAUSE hook ${hook.hookId} did not wait any more for the answer ${action} ` +
        `(${result.hookStatus ?? "not listed"}): another user has answered it, or it has expired.`,
    );
    return "not-waiting";
  } catch (error) {
    const { code, message, hint } = asDeployError(error);
    return { code, message, hint };
  }
}
