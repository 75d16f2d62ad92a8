import { describe, expect, test } from "vitest";
import { judgeDeployment } from "../../../src/deployment/verdict.ts";
import type { DeploymentSnapshot } from "../../../src/ecs/deployment.ts";
import type { Verdict } from "../../../src/run/rollout-end.ts";
import {
  classic,
  earlier,
  ours,
  service,
  serviceDeployment,
  snapshot,
  startedAt,
} from "./world.ts";

const newer = {
  arn: "newer",
  createdAt: startedAt + 1,
  status: "IN_PROGRESS",
  targetRevisionArn: "",
};
const statusReason = "because ECS says so.";
const breaker = { status: "TRIGGERED", failureCount: 3, threshold: 3 };

const byServiceDeployment: readonly {
  name: string;
  given: Partial<DeploymentSnapshot>;
  expected: Verdict;
}[] = [
  { name: "PENDING", given: of("PENDING"), expected: { kind: "rolling", stage: "PENDING" } },
  {
    name: "IN_PROGRESS",
    given: of("IN_PROGRESS"),
    expected: { kind: "rolling", stage: "IN_PROGRESS" },
  },
  {
    name: "IN_PROGRESS, in a stage",
    given: { serviceDeployment: serviceDeployment({ lifecycleStage: "BAKE_TIME" }) },
    expected: { kind: "rolling", stage: "BAKE_TIME" },
  },
  { name: "SUCCESSFUL", given: of("SUCCESSFUL"), expected: { kind: "succeeded" } },
  {
    name: "SUCCESSFUL, while the classic list is behind",
    given: {
      ...of("SUCCESSFUL"),
      service: service({ deployments: [earlier({ status: "PRIMARY" })] }),
    },
    expected: { kind: "succeeded" },
  },
  {
    name: "STOP_REQUESTED",
    given: of("STOP_REQUESTED"),
    expected: { kind: "rolling", stage: "STOP_REQUESTED" },
  },
  {
    name: "ROLLBACK_REQUESTED",
    given: of("ROLLBACK_REQUESTED"),
    expected: { kind: "rolling", stage: "ROLLBACK_REQUESTED" },
  },
  {
    name: "ROLLBACK_IN_PROGRESS",
    given: of("ROLLBACK_IN_PROGRESS"),
    expected: { kind: "rolling", stage: "ROLLBACK_IN_PROGRESS" },
  },
  {
    name: "ROLLBACK_SUCCESSFUL",
    given: of("ROLLBACK_SUCCESSFUL"),
    expected: { kind: "rolled-back", reason: statusReason },
  },
  {
    name: "ROLLBACK_SUCCESSFUL without a word, but for the rollback's own",
    given: {
      serviceDeployment: serviceDeployment({
        status: "ROLLBACK_SUCCESSFUL",
        rollbackReason: "alarm",
      }),
    },
    expected: { kind: "rolled-back", reason: "alarm" },
  },
  {
    name: "ROLLBACK_SUCCESSFUL, while the service is stable",
    given: {
      ...of("ROLLBACK_SUCCESSFUL"),
      service: service({ deployments: [classic({ rolloutState: "COMPLETED" })] }),
    },
    expected: { kind: "rolled-back", reason: statusReason },
  },
  {
    name: "ROLLBACK_FAILED",
    given: of("ROLLBACK_FAILED"),
    expected: { kind: "rollback-failed", reason: statusReason },
  },
  {
    name: "STOPPED manually",
    given: of("STOPPED"),
    expected: { kind: "stopped", reason: statusReason },
  },
  {
    name: "STOPPED by a newer one",
    given: { ...of("STOPPED"), newer: [newer] },
    expected: { kind: "superseded", by: "newer" },
  },
  {
    name: "STOPPED by a newer one that only the classic list knows",
    given: {
      ...of("STOPPED"),
      service: service({ deployments: [classic({ id: "ecs-svc/3", createdAt: startedAt + 1 })] }),
    },
    expected: { kind: "superseded", by: "ecs-svc/3" },
  },
  {
    name: "STOPPED by its breaker, with no rollback to do",
    given: { serviceDeployment: serviceDeployment({ status: "STOPPED", statusReason, breaker }) },
    expected: { kind: "failed", reason: statusReason },
  },
  {
    name: "STOPPED by an alarm, with no rollback to do",
    given: {
      serviceDeployment: serviceDeployment({
        status: "STOPPED",
        statusReason,
        triggeredAlarms: ["5xx"],
      }),
    },
    expected: { kind: "failed", reason: statusReason },
  },
  {
    name: "STOPPED with the service",
    given: { ...of("STOPPED"), service: service({ status: "DRAINING" }) },
    expected: { kind: "gone" },
  },
  {
    name: "IN_PROGRESS of a service that is gone",
    given: { ...of("IN_PROGRESS"), service: service({ status: "INACTIVE" }) },
    expected: { kind: "gone" },
  },
  {
    name: "an unknown state is no success",
    given: of("SUCCESSFUL_MOSTLY"),
    expected: { kind: "rolling", stage: "SUCCESSFUL_MOSTLY" },
  },
];

const failed = "ECS deployment circuit breaker: tasks failed to start.";
const rollingBack = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.";
const failedEvent = {
  id: "e1",
  createdAt: startedAt + 1,
  message: "(service api) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
};
const justUpdated = { seen: false, at: startedAt + 1_000 };

const byClassicList: readonly {
  name: string;
  given: Partial<DeploymentSnapshot>;
  expected: Verdict;
}[] = [
  {
    name: "ours in progress",
    given: listed(classic(), earlier()),
    expected: { kind: "rolling", stage: "IN_PROGRESS" },
  },
  {
    name: "ours without a state",
    given: listed(withoutState()),
    expected: { kind: "rolling", stage: "IN_PROGRESS" },
  },
  {
    name: "ours complete",
    given: listed(classic({ rolloutState: "COMPLETED" })),
    expected: { kind: "succeeded" },
  },
  {
    name: "ours failed, and no rollback",
    given: listed(classic({ rolloutState: "FAILED", rolloutStateReason: failed }), earlier()),
    expected: { kind: "failed", reason: failed },
  },
  {
    name: "going back",
    given: listed(
      earlier({ status: "PRIMARY", rolloutState: "IN_PROGRESS", rolloutStateReason: rollingBack }),
      classic({ status: "ACTIVE", rolloutState: "FAILED", rolloutStateReason: failed }),
    ),
    expected: { kind: "rolling", stage: "ROLLBACK_IN_PROGRESS" },
  },
  {
    name: "going back, while ours says that it is in progress",
    given: listed(
      earlier({ status: "PRIMARY", rolloutState: "IN_PROGRESS", rolloutStateReason: rollingBack }),
      classic({ status: "ACTIVE" }),
    ),
    expected: { kind: "rolling", stage: "ROLLBACK_IN_PROGRESS" },
  },
  {
    name: "gone back, ours still in the list",
    given: listed(
      earlier({ status: "PRIMARY" }),
      classic({ status: "ACTIVE", rolloutState: "FAILED", rolloutStateReason: failed }),
    ),
    expected: { kind: "rolled-back", reason: failed },
  },
  {
    name: "gone back, ours no longer in the list",
    given: {
      service: service({
        deployments: [
          earlier({ status: "PRIMARY", rolloutStateReason: "ECS deployment ecs-svc/1 completed." }),
        ],
        events: [failedEvent],
      }),
    },
    expected: { kind: "rolled-back", reason: "deployment failed: tasks failed to start." },
  },
  {
    name: "gone back, and nothing says why",
    given: listed(earlier({ status: "PRIMARY" })),
    expected: { kind: "rolled-back", reason: "the earlier deployment is the current one again." },
  },
  {
    name: "stable on the old revision because the list is behind our update",
    given: { ...listed(earlier({ status: "PRIMARY" })), ...justUpdated },
    expected: { kind: "rolling", stage: "NOT_VISIBLE_YET" },
  },
  {
    name: "listed once and gone again within the first minute, the earlier one PRIMARY again",
    given: {
      at: startedAt + 1_000,
      seen: true,
      service: service({ deployments: [earlier({ status: "PRIMARY" })] }),
    },
    expected: { kind: "rolled-back", reason: "the earlier deployment is the current one again." },
  },
  {
    name: "a newer one",
    given: listed(
      classic({ id: "ecs-svc/3", createdAt: startedAt + 1 }),
      classic({ status: "ACTIVE" }),
    ),
    expected: { kind: "superseded", by: "ecs-svc/3" },
  },
  {
    name: "an old one that was not in the list when we began is no newer one",
    given: listed(
      earlier({ id: "ecs-svc/0", status: "PRIMARY" }),
      classic({ status: "ACTIVE", rolloutState: "FAILED", rolloutStateReason: failed }),
    ),
    expected: { kind: "rolled-back", reason: failed },
  },
  { name: "no service", given: { service: undefined as never }, expected: { kind: "gone" } },
  {
    name: "an inactive service",
    given: { service: service({ status: "INACTIVE" }) },
    expected: { kind: "gone" },
  },
];

describe("by our service deployment", () => {
  test.each(byServiceDeployment)("$name", ({ given, expected }) => {
    expect(judgeDeployment(ours, snapshot(given))).toEqual(expected);
  });
});

describe("by the classic list alone", () => {
  test.each(byClassicList)("$name", ({ given, expected }) => {
    expect(judgeDeployment(ours, snapshot(given))).toEqual(expected);
  });
});

function of(status: string): Partial<DeploymentSnapshot> {
  return { serviceDeployment: serviceDeployment({ status, statusReason }) };
}

function listed(...deployments: ReturnType<typeof classic>[]): Partial<DeploymentSnapshot> {
  return { service: service({ deployments }) };
}

function withoutState(): ReturnType<typeof classic> {
  const { rolloutState: _, ...deployment } = classic();
  return deployment;
}
