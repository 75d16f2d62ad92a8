// What ECS adds to a task definition. What it refuses: registration-rules.ts. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html

import type {
  Attribute,
  Compatibility,
  ContainerDefinition,
  RegisterTaskDefinitionRequest,
  TaskDefinition,
} from "@aws-sdk/client-ecs";
import { fargateProblem } from "./registration-rules.ts";

/** Adds ECS's defaults; all given members are kept, including those that the SDK does not know. */
export function withDefaults(input: RegisterTaskDefinitionRequest): TaskDefinition {
  const { tags: _tags, ...given } = input;
  return {
    volumes: [],
    placementConstraints: [],
    ...given,
    containerDefinitions: (input.containerDefinitions ?? []).map((one) =>
      containerDefaults(one, input.networkMode),
    ),
  };
}

function containerDefaults(
  container: ContainerDefinition,
  networkMode: string | undefined,
): ContainerDefinition {
  const portMappings = (container.portMappings ?? []).map((port) => ({
    ...(networkMode === "awsvpc" && port.containerPort !== undefined
      ? { hostPort: port.containerPort }
      : {}),
    protocol: "tcp" as const,
    ...port,
  }));
  return {
    cpu: 0,
    essential: true,
    environment: [],
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    ...container,
    portMappings,
  };
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-versions.html (capability
 * attributes)
 */
export function requiredAttributes(input: RegisterTaskDefinitionRequest): readonly Attribute[] {
  const containers = input.containerDefinitions ?? [];
  const wanted: readonly (readonly [string, boolean])[] = [
    [
      "com.amazonaws.ecs.capability.logging-driver.awslogs",
      containers.some((one) => one.logConfiguration?.logDriver === "awslogs"),
    ],
    [
      "ecs.capability.execution-role-awslogs",
      containers.some((one) => one.logConfiguration?.logDriver === "awslogs") &&
        !!input.executionRoleArn,
    ],
    [
      "com.amazonaws.ecs.capability.ecr-auth",
      containers.some((one) => one.image?.includes(".dkr.ecr.")),
    ],
    [
      "ecs.capability.execution-role-ecr-pull",
      containers.some((one) => one.image?.includes(".dkr.ecr.")) && !!input.executionRoleArn,
    ],
    ["com.amazonaws.ecs.capability.task-iam-role", !!input.taskRoleArn],
    ["ecs.capability.task-eni", input.networkMode === "awsvpc"],
    [
      "ecs.capability.secrets.asm.environment-variables",
      containers.some((one) =>
        one.secrets?.some((secret) => secret.valueFrom?.includes(":secretsmanager:")),
      ),
    ],
    [
      "ecs.capability.secrets.ssm.environment-variables",
      containers.some((one) =>
        one.secrets?.some((secret) => !secret.valueFrom?.includes(":secretsmanager:")),
      ),
    ],
    ["ecs.capability.container-health-check", containers.some((one) => one.healthCheck)],
  ];
  return wanted.filter(([, needed]) => needed).map(([name]) => ({ name }));
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#requires_compatibilities
 */
export function compatibilities(input: RegisterTaskDefinitionRequest): Compatibility[] {
  return fargateProblem(input) === undefined ? ["EC2", "FARGATE"] : ["EC2"];
}
