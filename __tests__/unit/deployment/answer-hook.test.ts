// What an answer to a PAUSE hook comes to, also when ECS refuses it.

import { expect, test } from "vitest";
import { answerHook } from "../../../src/deployment/answer-hook.ts";
import type { ServiceDeployment } from "../../../src/ecs/deployment.ts";
import type { PausedHook } from "../../../src/ecs/paused-hook.ts";
import { DeployError } from "../../../src/errors.ts";
import { serviceDeployment } from "./world.ts";

const hook: PausedHook = {
  serviceDeploymentArn: serviceDeployment().arn,
  hookId: "ecs-pause-1",
  stage: "POST_SCALE_UP",
  expiresAt: undefined,
  timeoutAction: "ROLLBACK",
};

/** ECS refuses the answer with this error, and then shows this deployment. */
function refusing(name: string, now: ServiceDeployment | undefined) {
  const cause = Object.assign(new Error("no"), { name });
  const refusal = new DeployError({ code: "AwsRefused", message: "no" }, { cause });
  let reads = 0;
  const ecs = {
    continueServiceDeployment: () => Promise.reject(refusal),
    async describeServiceDeployments() {
      reads++;
      return [now ?? []].flat();
    },
  };
  return { ecs, refusal, reads: () => reads };
}

function withHook(status: string, deploymentStatus = "IN_PROGRESS"): ServiceDeployment {
  const hooks = [{ id: hook.hookId, targetType: "PAUSE", status }];
  return serviceDeployment({ status: deploymentStatus, hooks });
}

test("the answer that was asked for is sent, and no state is read", async () => {
  const sent: unknown[] = [];
  const result = await answerHook(hook, "ROLLBACK", {
    continueServiceDeployment: async (answer) => void sent.push(answer),
    describeServiceDeployments: () => Promise.reject(new Error("not needed")),
  });
  expect(result).toEqual({ kind: "accepted" });
  expect(sent).toEqual([
    { serviceDeploymentArn: hook.serviceDeploymentArn, hookId: hook.hookId, action: "ROLLBACK" },
  ]);
});

test.each([
  "ConflictException",
  "InvalidParameterException",
  "ClientException",
  "ServiceDeploymentNotFoundException",
])("%s: the hook was answered before", async (name) => {
  const { ecs } = refusing(name, withHook("SUCCEEDED"));
  expect(await answerHook(hook, "CONTINUE", ecs)).toEqual({
    kind: "not-waiting",
    hookStatus: "SUCCEEDED",
    deploymentStatus: "IN_PROGRESS",
  });
});

test("the deployment was stopped while the hook waited", async () => {
  const { ecs } = refusing(
    "InvalidParameterException",
    withHook("AWAITING_ACTION", "ROLLBACK_REQUESTED"),
  );
  expect(await answerHook(hook, "CONTINUE", ecs)).toMatchObject({
    kind: "not-waiting",
    deploymentStatus: "ROLLBACK_REQUESTED",
  });
});

test("ECS does not know the deployment any more", async () => {
  const { ecs } = refusing("ServiceDeploymentNotFoundException", undefined);
  expect(await answerHook(hook, "CONTINUE", ecs)).toEqual({ kind: "not-waiting" });
});

test("a refusal while the hook still waits is an error", async () => {
  const { ecs, refusal } = refusing("ClientException", withHook("AWAITING_ACTION"));
  await expect(answerHook(hook, "CONTINUE", ecs)).rejects.toBe(refusal);
});

test("a missing permission is an error, and no state is read", async () => {
  const { ecs, refusal, reads } = refusing("AccessDeniedException", withHook("SUCCEEDED"));
  await expect(answerHook(hook, "CONTINUE", ecs)).rejects.toBe(refusal);
  expect(reads()).toBe(0);
});
