// Lifecycle hooks: Lambda functions whose results are scripted, and pauses that wait for
// ContinueServiceDeployment.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html

import type { DeploymentLifecycleHookStage } from "@aws-sdk/client-ecs";
import { type FailureCause, hookCause } from "./rollback.ts";
import type { EcsState, HookAnswer, HookState, RolloutState } from "./state.ts";

const minutesPerDay = 1_440;

type HooksOutcome =
  | { readonly is: "waiting" }
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly cause: FailureCause };

/** Starts the step's hooks in the first call, then follows them. */
export function followHooks(
  world: EcsState,
  rollout: RolloutState,
  stage: DeploymentLifecycleHookStage,
): HooksOutcome {
  const mine = rollout.hooks.filter((hook) => hook.step === rollout.step);
  if (mine.length === 0) {
    const configured = (rollout.configuration.lifecycleHooks ?? []).filter((hook) =>
      hook.lifecycleStages?.includes(stage),
    );
    for (const hook of configured) rollout.hooks.push(startHook(world, rollout, hook, stage));
    return configured.length > 0 ? { is: "waiting" } : { is: "done" };
  }
  for (const hook of mine) advance(world, hook);
  const failed = mine.find(
    (hook) =>
      hook.status === "FAILED" ||
      (hook.status === "TIMED_OUT" && hook.timeoutAction === "ROLLBACK"),
  );
  if (failed) return { is: "failed", cause: hookCause(describeFailure(failed)) };
  return {
    is: mine.every((hook) => hook.status === "SUCCEEDED" || hook.status === "TIMED_OUT")
      ? "done"
      : "waiting",
  };
}

function startHook(
  world: EcsState,
  rollout: RolloutState,
  hook: HookState["hook"],
  stage: DeploymentLifecycleHookStage,
): HookState {
  const { timeoutInMinutes = minutesPerDay, action = "ROLLBACK" } = hook.timeoutConfiguration ?? {};
  const pause = hook.targetType === "PAUSE";
  return {
    id: `ecs-${pause ? "pause" : "lambda"}-${world.ids.word(43)}`,
    step: rollout.step,
    hook,
    stage,
    status: pause ? "AWAITING_ACTION" : "IN_PROGRESS",
    ...(pause ? {} : callHook(world, hook.hookTargetArn ?? "")),
    expiresAt: world.clock.now() + timeoutInMinutes * 60_000,
    timeoutAction: action,
  };
}

/**
 * The next scripted result of a function; the last one is repeated. Without a script it succeeds.
 */
function callHook(
  world: EcsState,
  target: string,
): { readonly answer: HookAnswer; readonly answerAt: number } {
  const queue = world.hookAnswers.get(target) ?? [];
  const answer = (queue.length > 1 ? queue.shift() : queue[0]) ?? { status: "SUCCEEDED" };
  return { answer, answerAt: world.clock.now() + (answer.after ?? world.timing.hookRun) };
}

function advance(world: EcsState, hook: HookState): void {
  const now = world.clock.now();
  if (hook.status !== "IN_PROGRESS" && hook.status !== "AWAITING_ACTION") return;
  if (now >= hook.expiresAt) {
    hook.status = "TIMED_OUT";
  } else if (hook.answer && now >= (hook.answerAt ?? 0)) {
    if (hook.answer.status === "IN_PROGRESS") {
      const next = callHook(world, hook.hook.hookTargetArn ?? "");
      hook.answer = next.answer;
      hook.answerAt = next.answerAt + world.timing.hookRetry;
    } else hook.status = hook.answer.status;
  }
}

function describeFailure({ stage, hook, status }: HookState): string {
  const name = hook.targetType === "PAUSE" ? "pause" : hook.hookTargetArn;
  const what = status === "TIMED_OUT" ? "timed out" : "returned FAILED status";
  return `${stage} lifecycle hook(s) failed. Lifecycle hook target ${name} ${what}.`;
}
