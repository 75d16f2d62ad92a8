// The debug line of a poll: what was read, the verdict, and the rule that decided it.

import { expect, test } from "vitest";
import { explainPoll } from "../../../src/deployment/explain-poll.ts";
import { decideDeployment } from "../../../src/deployment/verdict.ts";
import type { DeploymentSnapshot } from "../../../src/ecs/deployment.ts";
import { classic, earlier, ours, service, serviceDeployment, snapshot } from "./world.ts";

function explained(members: Partial<DeploymentSnapshot>): string {
  const polled = snapshot(members);
  return explainPoll(ours, polled, decideDeployment(ours, polled));
}

const bothInClassicList =
  "classic list as last read: own ecs-svc/2 PRIMARY IN_PROGRESS, ecs-svc/1 ACTIVE COMPLETED";

test("a rollout in progress: short id, status, counts and the classic list", () => {
  const inProgress = serviceDeployment({ runningTasks: 1, pendingTasks: 1 });
  expect(explained({ serviceDeployment: inProgress })).toBe(
    "api: service deployment ours IN_PROGRESS; desired=2 running=1 pending=1 failed=0; " +
      `${bothInClassicList} → rolling IN_PROGRESS (status of the service deployment)`,
  );
});

test("stage, circuit breaker and alarms are shown where there are any", () => {
  const staged = serviceDeployment({
    lifecycleStage: "BAKE_TIME",
    breaker: { status: "MONITORING", failureCount: 2, threshold: 3 },
    triggeredAlarms: ["5xx", "latency"],
  });
  expect(explained({ serviceDeployment: staged })).toBe(
    "api: service deployment ours IN_PROGRESS stage=BAKE_TIME breaker=MONITORING " +
      "alarms=5xx,latency; desired=2 running=0 pending=0 failed=2; " +
      `${bothInClassicList} → rolling BAKE_TIME (status of the service deployment)`,
  );
});

test.each([
  {
    newer: [
      { arn: "arn:aws:ecs:us-east-1:1:service-deployment/clockko/api/next", status: "IN_PROGRESS" },
    ],
    shown: "newer service deployments: next IN_PROGRESS",
    decided:
      "superseded by arn:aws:ecs:us-east-1:1:service-deployment/clockko/api/next " +
      "(STOPPED, and there is a newer deployment)",
  },
  {
    newer: [],
    shown: "newer service deployments: none",
    decided: "stopped (STOPPED, and there is no newer deployment)",
  },
  {
    newer: undefined,
    shown: "newer service deployments: not readable",
    decided: "stopped (STOPPED, and there is no newer deployment)",
  },
])("stopped, $shown", ({ newer, shown, decided }) => {
  const line = explained({
    serviceDeployment: serviceDeployment({ status: "STOPPED" }),
    newer: newer?.map((one) => ({ ...one, createdAt: ours.startedAt + 1, targetRevisionArn: "" })),
  });
  expect(line).toBe(
    "api: service deployment ours STOPPED; desired=2 running=0 pending=0 failed=0; " +
      `${bothInClassicList}; ${shown} → ${decided}`,
  );
});

test("without service deployments the classic list decides", () => {
  const completed = service({
    deployments: [classic({ rolloutState: "COMPLETED", runningCount: 2, failedTasks: 1 })],
  });
  expect(explained({ service: completed })).toBe(
    "api: no service deployment; desired=2 running=2 pending=0 failed=1; " +
      "classic list as last read: own ecs-svc/2 PRIMARY COMPLETED → " +
      "succeeded (rolloutState of our deployment in the classic list)",
  );
});

test("a rollback in the classic list: ours is not marked, as it is not there", () => {
  const back = service({ deployments: [earlier({ status: "PRIMARY", runningCount: 2 })] });
  expect(explained({ service: back })).toBe(
    "api: no service deployment; desired=2 running=0 pending=0 failed=0; " +
      "classic list as last read: ecs-svc/1 PRIMARY COMPLETED → " +
      "rolled-back (an earlier deployment is PRIMARY again, and COMPLETED)",
  );
});

test("a list without deployments is empty", () => {
  const line = explained({ service: service({ status: "INACTIVE", deployments: [] }) });
  expect(line).toContain("classic list as last read: empty → gone (the service is missing");
});

test("a poll that read nothing says why", () => {
  const readFailure = { reason: "AWS gave no answer within 15 s.", transient: true };
  expect(explained({ service: undefined, readFailure })).toBe(
    "api: not readable (AWS gave no answer within 15 s.); " +
      "desired=0 running=0 pending=0 failed=0; classic list: not read → " +
      "rolling NOT_READABLE (nothing could be read)",
  );
});
