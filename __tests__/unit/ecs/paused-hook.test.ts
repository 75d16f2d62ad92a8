// Which hook of a deployment waits for an answer.

import { expect, test } from "vitest";
import type { LifecycleHook } from "../../../src/ecs/deployment.ts";
import { findPausedHook } from "../../../src/ecs/paused-hook.ts";
import { serviceDeployment } from "../deployment/world.ts";

function hook(members: Partial<LifecycleHook> = {}): LifecycleHook {
  return { id: "ecs-pause-1", targetType: "PAUSE", status: "AWAITING_ACTION", ...members };
}

const waiting = {
  serviceDeploymentArn: serviceDeployment().arn,
  hookId: "ecs-pause-1",
  stage: "POST_SCALE_UP",
  expiresAt: 42,
  timeoutAction: "CONTINUE",
};

test("the hook that waits, with its stage, its deadline and what ECS does then", () => {
  const hooks = [hook({ expiresAt: 42, timeoutAction: "CONTINUE" })];
  const deployment = serviceDeployment({ hooks, lifecycleStage: "POST_SCALE_UP" });
  expect(findPausedHook(deployment)).toEqual(waiting);
});

test("ECS rolls back at the deadline unless it says otherwise", () => {
  const found = findPausedHook(serviceDeployment({ hooks: [hook()] }));
  expect(found).toMatchObject({ timeoutAction: "ROLLBACK", expiresAt: undefined });
});

test("an earlier hook that was answered is passed over", () => {
  const hooks = [hook({ id: "first", status: "SUCCEEDED" }), hook({ id: "second" })];
  expect(findPausedHook(serviceDeployment({ hooks }))?.hookId).toBe("second");
});

test.each(["SUCCEEDED", "FAILED", "TIMED_OUT", "IN_PROGRESS"])("%s waits for nobody", (status) => {
  expect(findPausedHook(serviceDeployment({ hooks: [hook({ status })] }))).toBeUndefined();
});

test.each(["PENDING", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "STOPPED"])(
  "a deployment that is %s takes no answer",
  (status) => {
    expect(findPausedHook(serviceDeployment({ status, hooks: [hook()] }))).toBeUndefined();
  },
);

test("no deployment, no hook", () => {
  expect(findPausedHook(undefined)).toBeUndefined();
});
