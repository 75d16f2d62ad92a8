import { describe, expect, test } from "vitest";
import { consoleHost } from "../../../src/aws/partitions.ts";
import {
  describeCounts,
  describeEvent,
  describeOpenDeployments,
  describePauseHook,
  newEvents,
} from "../../../src/deployment/progress.ts";
import type { DeploymentSnapshot } from "../../../src/ecs/deployment.ts";
import { classic, ours, service, serviceDeployment, snapshot, startedAt } from "./world.ts";

const rolling = { kind: "rolling", stage: "IN_PROGRESS" } as const;
const counts: readonly { name: string; given: Partial<DeploymentSnapshot>; expected: string }[] = [
  {
    name: "what the service deployment says",
    given: { serviceDeployment: serviceDeployment({ runningTasks: 1, pendingTasks: 1 }) },
    expected: "in progress; new tasks: 1 of 2 running, 1 pending",
  },
  {
    name: "the classic list where there is no other",
    given: { service: service({ deployments: [classic({ runningCount: 2, failedTasks: 1 })] }) },
    expected: "in progress; new tasks: 2 of 2 running, 1 failed",
  },
  {
    name: "failures, and when they are too many",
    given: {
      serviceDeployment: serviceDeployment({
        breaker: { status: "MONITORING", failureCount: 2, threshold: 3 },
      }),
    },
    expected: "in progress; new tasks: 0 of 2 running, 2 failed (the circuit breaker trips at 3)",
  },
  {
    name: "the service's wish while the deployment has none yet",
    given: { serviceDeployment: serviceDeployment({ requestedTasks: 0 }) },
    expected: "in progress; new tasks: 0 of 2 running",
  },
  {
    name: "nothing known",
    given: { service: undefined as never },
    expected: "in progress; new tasks: 0 of 0 running",
  },
];

describe("counts", () => {
  test.each(counts)("$name", ({ given, expected }) => {
    expect(describeCounts(ours, snapshot(given), rolling)).toBe(expected);
  });
});

test("events are reported once, only those since the update, oldest first", () => {
  const event = (id: string, after: number) => ({ id, createdAt: startedAt + after, message: id });
  const events = [event("new", 20), event("reported", 15), event("begun", 10), event("before", -1)];
  const found = newEvents(
    snapshot({ service: service({ events }) }),
    startedAt,
    new Set(["reported"]),
  );
  expect(found.map(({ id }) => id)).toEqual(["begun", "new"]);
});

test("the subject of an event is the name that its line begins with", () => {
  const reported = (message: string) => describeEvent({ id: "", createdAt: 0, message }, "api");
  expect(reported("(service api) has begun.")).toBe("has begun.");
  expect(reported("(service api, taskSet ecs-svc/1) has begun draining.")).toBe(
    "(taskSet ecs-svc/1) has begun draining.",
  );
  expect(reported("Deployment failed.")).toBe("Deployment failed.");
});

test("open deployments are named, of many services the first three", () => {
  const open = ["a", "b", "c", "d"].map((name) => ({
    service: name,
    lastReportedLine: "pending: 0 of 1",
  }));
  expect(describeOpenDeployments(open.slice(0, 1), false)).toBe("a: still pending: 0 of 1");
  expect(describeOpenDeployments(open, true)).toBe(
    "still rolling: a pending: 0 of 1; b pending: 0 of 1; c pending: 0 of 1; and 1 more",
  );
});

test("a pause says until when it waits, and how to answer it", () => {
  const expiresAt = startedAt + 65 * 60_000; // the snapshot is of ten minutes after the start
  const hook = { id: "h1", targetType: "PAUSE", status: "AWAITING_ACTION", expiresAt };
  const pause = describePauseHook(
    ours,
    snapshot({ serviceDeployment: serviceDeployment({ hooks: [hook] }) }),
    consoleHost,
  );
  expect(pause?.hook).toBe("h1");
  expect(pause?.text).toContain(
    "waits at its PAUSE hook for an answer, until 2026-11-23 10:05 UTC (55 min left); then ECS rolls it back.",
  );
  expect(pause?.text).toContain("    service: api\n    answer-pause: continue # or rollback");
  expect(
    describePauseHook(ours, snapshot({ serviceDeployment: serviceDeployment() }), consoleHost),
  ).toBeUndefined();
});
