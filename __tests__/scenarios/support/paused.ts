// A deployment that waits at its PAUSE hook, and the run that answers it.

import { byAnotherUser } from "./changes.ts";
import type { InputTexts, Play, Stage, StageOptions } from "./stage.ts";

/** A rolling deployment pauses when its new tasks are healthy. */
export function pausing(hook: Readonly<Record<string, unknown>> = {}): StageOptions {
  const lifecycleHooks = [{ targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP"], ...hook }];
  return { service: { deploymentConfiguration: { lifecycleHooks } } };
}

/** Another run deploys and does not wait; two minutes later its deployment is at the hook. */
export async function startPausedDeployment(stage: Stage, inputs: InputTexts = {}): Promise<Play> {
  const play = await stage.play({ "wait-for-service-stability": "false", ...inputs });
  stage.clock.advance(2 * 60_000);
  return play;
}

/** The inputs of the answering run: it needs no repository. */
export function answering(answer: "continue" | "rollback", inputs: InputTexts = {}): InputTexts {
  return { "ecr-repository": "", "answer-pause": answer, ...inputs };
}

interface HookDetail {
  readonly hookId: string;
  readonly expiresAt: Date;
}

interface Described {
  readonly serviceDeployments: readonly {
    readonly serviceDeploymentArn: string;
    readonly lifecycleHookDetails?: readonly HookDetail[];
  }[];
}

/** Somebody answers the newest deployment's hook in the console. */
export function answeredByAnotherUser(
  stage: Stage,
  action: "CONTINUE" | "ROLLBACK",
  service = "clockko-backend",
): void {
  const { serviceDeploymentArn, hook } = newestHook(stage, service);
  const hookId = hook?.hookId;
  byAnotherUser(stage, "ContinueServiceDeployment", { serviceDeploymentArn, hookId, action });
}

/** So that it expires this soon. */
export function advanceToDeadline(stage: Stage, millisecondsLeft: number): void {
  const { hook } = newestHook(stage, "clockko-backend");
  if (!hook) throw new Error("no hook has begun");
  stage.clock.advance(hook.expiresAt.getTime() - millisecondsLeft - stage.clock.now());
}

function newestHook(stage: Stage, service: string) {
  const of = { cluster: "clockko", service };
  const [newest] = byAnotherUser<Described>(stage, "ListServiceDeployments", of).serviceDeployments;
  const serviceDeploymentArn = newest?.serviceDeploymentArn;
  const [described] = byAnotherUser<Described>(stage, "DescribeServiceDeployments", {
    serviceDeploymentArns: [serviceDeploymentArn],
  }).serviceDeployments;
  return { serviceDeploymentArn, hook: described?.lifecycleHookDetails?.at(-1) };
}
