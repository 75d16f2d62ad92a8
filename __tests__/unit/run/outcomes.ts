// Ends of runs to render.

import type { Diagnosis } from "../../../src/run/diagnosis.ts";
import type { Outcome, ServiceOutcome } from "../../../src/run/outcome.ts";
import type { RolloutEnd } from "../../../src/run/rollout-end.ts";
import { shellBlock } from "../../../src/text/code-block.ts";

export const noon = Date.UTC(2026, 10, 23, 12);
const arn = (revision: string) => `arn:aws:ecs:us-east-1:123456789012:task-definition/${revision}`;

export function anEnd(overrides: Partial<RolloutEnd> = {}): RolloutEnd {
  const service = {
    name: "api",
    arn: "arn:aws:ecs:us-east-1:123456789012:service/clockko/api",
    clusterName: "clockko",
    clusterArn: "arn:aws:ecs:us-east-1:123456789012:cluster/clockko",
    status: "ACTIVE",
    controller: "ECS",
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    taskDefinitionArn: arn("api:1"),
    deploymentConfiguration: {},
    raw: {},
    deployments: [
      {
        id: "ecs-svc/1",
        status: "PRIMARY",
        taskDefinitionArn: arn("api:1"),
        desiredCount: 2,
        pendingCount: 0,
        runningCount: 2,
        failedTasks: 0,
        createdAt: noon - 1_000_000,
      },
    ],
    events: [
      {
        id: "2",
        createdAt: noon + 20_000,
        message: "(service api) deployment failed: tasks failed to start.",
      },
      { id: "1", createdAt: noon - 20_000, message: "(service api) has reached a steady state." },
    ],
  };
  return {
    verdict: { kind: "rolled-back", reason: "the circuit breaker threshold was exceeded" },
    gaveUp: undefined,
    trafficShiftedAt: undefined,
    bakeStartedAt: undefined,
    outage: undefined,
    snapshot: { at: noon + 60_000, seen: true, service, newer: [] },
    history: [
      { at: noon, desired: 2, running: 0, pending: 2, failed: 0 },
      { at: noon + 30_000, desired: 2, running: 0, pending: 0, failed: 3 },
    ],
    startedAt: noon,
    endedAt: noon + 60_000,
    ...overrides,
  };
}

export function aDiagnosis(overrides: Partial<Diagnosis> = {}): Diagnosis {
  return {
    kind: "explained",
    name: "exit",
    cause: 'Container "app" exited with code 1.',
    remedy: "Its log says why.",
    otherCauses: [],
    stopReasons: [
      { reason: "Essential container in task exited", count: 3, taskIds: ["0123456789abcdef"] },
    ],
    events: [],
    breaker: { tripped: true, failedTasks: 3, threshold: 3 },
    triggeredAlarms: [],
    notes: [],
    logTail: {
      container: "app",
      taskId: "0123456789abcdef",
      logGroup: "/ecs/api",
      logStream: "app/app/0123456789abcdef",
      lines: ["starting", "KeyError: 'DATABASE_URL'"],
    },
    missing: [],
    ...overrides,
  };
}

/** Went well; `aFailedService` did not. */
export function aService(overrides: Partial<ServiceOutcome> = {}): ServiceOutcome {
  return {
    cluster: "clockko",
    service: "api",
    outcome: "succeeded",
    reasonCode: "Succeeded",
    taskDefinitionArn: arn("api:2"),
    previousTaskDefinitionArn: arn("api:1"),
    consoleUrl:
      "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/clockko/services/api/deployments?region=us-east-1",
    progress: "updated",
    runningNow: [{ taskDefinitionArn: arn("api:2"), tasks: 2, desired: 2 }],
    changes: [],
    ...overrides,
  };
}

export function aFailedService(overrides: Partial<ServiceOutcome> = {}): ServiceOutcome {
  const diagnosis = aDiagnosis();
  return aService({
    outcome: "rolled-back",
    reasonCode: "RolledBack",
    runningNow: [{ taskDefinitionArn: arn("api:1"), tasks: 2, desired: 2 }],
    end: anEnd(),
    diagnosis,
    problem: {
      code: "RolledBack",
      message: `Deployment of api:2 to service api failed.\n${diagnosis.cause}\nRunning now: api:1 (2 of 2 tasks).`,
      hint: `Its log says why.\nTo roll back:\n${shellBlock("aws ecs update-service", "--cluster clockko", "--service api", "--task-definition api:1")}`,
    },
    ...overrides,
  });
}

export function anOutcome(overrides: Partial<Outcome> = {}): Outcome {
  return {
    verb: "deploy",
    errorsPage: "https://github.com/acme/deploy-ecs/blob/v1/docs/errors.md",
    outcome: "succeeded",
    passes: true,
    reasonCode: "Succeeded",
    region: "us-east-1",
    console: "us-east-1.console.aws.amazon.com",
    image: {
      reference: "123.dkr.ecr.us-east-1.amazonaws.com/api:v2",
      tag: "v2",
      digest: "sha256:00",
      byContainer: [],
      reused: false,
    },
    services: [aService()],
    phases: [{ title: "Watch the rollout", startedAt: noon, endedAt: noon + 60_000 }],
    startedAt: noon,
    endedAt: noon + 61_000,
    ...overrides,
  };
}

export function aFailure(...services: readonly ServiceOutcome[]): Outcome {
  const [first = aFailedService()] = services;
  return anOutcome({
    outcome: first.outcome,
    passes: false,
    reasonCode: first.reasonCode,
    services: services.length > 0 ? services : [first],
    ...(first.problem && { problem: first.problem }),
  });
}
