// Small parts of what ECS says, to put snapshots together from.

import type {
  DeploymentSnapshot,
  OwnDeployment,
  ServiceDeployment,
} from "../../../src/ecs/deployment.ts";
import type { ClassicDeployment, ObservedService } from "../../../src/ecs/observed.ts";

export const arnOf = (revision: string) =>
  `arn:aws:ecs:us-east-1:123456789012:task-definition/${revision}`;

export const startedAt = Date.UTC(2026, 10, 23, 9);

export const ours: OwnDeployment = {
  cluster: "clockko",
  service: "api",
  id: "ecs-svc/2",
  startedAt,
  taskDefinitionArn: arnOf("api:2"),
  earlierIds: ["ecs-svc/1"],
  serviceDeploymentArn: "arn:aws:ecs:us-east-1:123456789012:service-deployment/clockko/api/ours",
};

export function classic(members: Partial<ClassicDeployment> = {}): ClassicDeployment {
  return {
    id: ours.id,
    status: "PRIMARY",
    taskDefinitionArn: ours.taskDefinitionArn,
    desiredCount: 2,
    pendingCount: 0,
    runningCount: 0,
    failedTasks: 0,
    rolloutState: "IN_PROGRESS",
    createdAt: startedAt,
    ...members,
  };
}

/** The deployment from before ours. */
export function earlier(members: Partial<ClassicDeployment> = {}): ClassicDeployment {
  return classic({
    id: "ecs-svc/1",
    status: "ACTIVE",
    taskDefinitionArn: arnOf("api:1"),
    rolloutState: "COMPLETED",
    createdAt: startedAt - 86_400_000,
    ...members,
  });
}

export function service(members: Partial<ObservedService> = {}): ObservedService {
  return {
    name: "api",
    arn: "arn:aws:ecs:us-east-1:123456789012:service/clockko/api",
    clusterName: "clockko",
    clusterArn: "arn:aws:ecs:us-east-1:123456789012:cluster/clockko",
    status: "ACTIVE",
    controller: "ECS",
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    taskDefinitionArn: ours.taskDefinitionArn,
    deploymentConfiguration: {},
    deployments: [classic(), earlier()],
    events: [],
    raw: {},
    ...members,
  };
}

export function serviceDeployment(members: Partial<ServiceDeployment> = {}): ServiceDeployment {
  return {
    arn: ours.serviceDeploymentArn ?? "",
    status: "IN_PROGRESS",
    createdAt: startedAt,
    targetRevisionArn: "arn:aws:ecs:us-east-1:123456789012:service-revision/clockko/api/2",
    sourceRevisionArns: ["arn:aws:ecs:us-east-1:123456789012:service-revision/clockko/api/1"],
    requestedTasks: 2,
    runningTasks: 0,
    pendingTasks: 0,
    hooks: [],
    triggeredAlarms: [],
    ...members,
  };
}

/** Ten minutes after the update, everything visible. */
export function snapshot(members: Partial<DeploymentSnapshot> = {}): DeploymentSnapshot {
  return { at: startedAt + 600_000, seen: true, newer: [], service: service(), ...members };
}
