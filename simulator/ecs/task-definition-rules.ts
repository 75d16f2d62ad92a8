// What RegisterTaskDefinition refuses, and what ECS adds to what it was given. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html

import type {
  Attribute,
  Compatibility,
  ContainerDefinition,
  RegisterTaskDefinitionRequest,
  TaskDefinition,
} from "@aws-sdk/client-ecs";
import type { AwsError } from "../contract.ts";
import { clientException, invalidParameter } from "./errors.ts";
import { isFargateSize } from "./fargate-sizes.ts";

const LARGEST_BYTES = 65_536;
const MOST_TAGS = 50;

export function refuseTaskDefinition(input: RegisterTaskDefinitionRequest): AwsError | undefined {
  const nullAt = findNull(input, "");
  if (nullAt !== undefined) {
    return invalidParameter(
      `1 validation error detected: Value null at '${nullAt}' failed to satisfy constraint: Member must not be null`,
    );
  }
  const containers = input.containerDefinitions ?? [];
  if (!input.family) return clientException("Family should not be null or empty.");
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(input.family)) return clientException("Family contains invalid characters.");
  if (containers.length === 0) return clientException("Container list cannot be empty.");
  if (Buffer.byteLength(JSON.stringify(input)) > LARGEST_BYTES)
    return clientException("Actual length of the task definition exceeds the 64 KiB limit.");
  if ((input.tags?.length ?? 0) > MOST_TAGS) return invalidParameter("The maximum number of tags is 50.");
  return refuseContainers(input, containers) ?? refuseSecrets(input, containers) ?? refuseFargate(input);
}

function refuseContainers(
  input: RegisterTaskDefinitionRequest,
  containers: readonly ContainerDefinition[],
): AwsError | undefined {
  if (containers.some((one) => !one.name)) return clientException("Container.name should not be null or empty.");
  if (containers.some((one) => !one.image)) return clientException("Container.image should not be null or empty.");
  const names = containers.map((one) => one.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) return clientException(`Container name '${twice}' must be unique within a task definition.`);
  if (!containers.some((one) => one.essential ?? true)) {
    return clientException("Invalid 'essential' setting for containers. At least one container must be essential.");
  }
  const boundless = containers.find((one) => !one.memory && !one.memoryReservation);
  if (boundless && !input.memory) {
    return clientException(
      `Invalid setting for container '${boundless.name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
  return undefined;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html */
function refuseSecrets(
  input: RegisterTaskDefinitionRequest,
  containers: readonly ContainerDefinition[],
): AwsError | undefined {
  if (containers.some((one) => one.secrets?.length) && !input.executionRoleArn) {
    return clientException(
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    );
  }
  const names = containers.flatMap(({ secrets = [], environment = [] }) =>
    secrets.map(({ name }) => name).filter((name) => environment.some((one) => one.name === name)),
  );
  return names.length > 0
    ? clientException(
        `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${names[0]}'.`,
      )
    : undefined;
}

function refuseFargate(input: RegisterTaskDefinitionRequest): AwsError | undefined {
  if (!input.requiresCompatibilities?.includes("FARGATE")) return undefined;
  if (input.networkMode !== "awsvpc") return clientException("Fargate only supports network mode ‘awsvpc’.");
  if (!input.cpu) return clientException("Fargate requires that 'cpu' be defined at the task level.");
  if (!input.memory) return clientException("Fargate requires that 'memory' be defined at the task level.");
  if (!isFargateSize(input.cpu, input.memory)) {
    return clientException(
      `No Fargate configuration exists for given values: ${input.cpu} CPU, ${input.memory} memory. See the Amazon ECS documentation for the valid values.`,
    );
  }
  const pullsFromEcr = input.containerDefinitions?.some((one) => one.image?.includes(".dkr.ecr."));
  if (pullsFromEcr && !input.executionRoleArn) {
    return clientException("Fargate requires task definition to have execution role ARN to support ECR images.");
  }
  if (
    input.containerDefinitions?.some((one) => one.logConfiguration?.logDriver === "awslogs") &&
    !input.executionRoleArn
  ) {
    return clientException(
      "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
    );
  }
  return undefined;
}

/** Path of the first null, as AWS writes it (list members count from 1). */
function findNull(value: unknown, path: string): string | undefined {
  if (value === null) return path;
  if (typeof value !== "object") return undefined;
  const children = Array.isArray(value)
    ? value.map((child, index): readonly [string, unknown] => [`${path}.${index + 1}.member`, child])
    : Object.entries(value as object).map(([name, child]): readonly [string, unknown] => [
        path ? `${path}.${name}` : name,
        child,
      ]);
  for (const [childPath, child] of children) {
    const found = findNull(child, childPath);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The members that ECS fills in; everything given stays, also what no SDK knows. */
export function withDefaults(input: RegisterTaskDefinitionRequest): TaskDefinition {
  const { tags: _tags, ...given } = input;
  return {
    volumes: [],
    placementConstraints: [],
    ...given,
    containerDefinitions: (input.containerDefinitions ?? []).map((one) => containerDefaults(one, input.networkMode)),
  };
}

function containerDefaults(container: ContainerDefinition, networkMode: string | undefined): ContainerDefinition {
  const portMappings = (container.portMappings ?? []).map((port) => ({
    ...(networkMode === "awsvpc" && port.containerPort !== undefined ? { hostPort: port.containerPort } : {}),
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

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-versions.html (capability attributes) */
export function requiredAttributes(input: RegisterTaskDefinitionRequest): readonly Attribute[] {
  const containers = input.containerDefinitions ?? [];
  const wanted: readonly (readonly [string, boolean])[] = [
    [
      "com.amazonaws.ecs.capability.logging-driver.awslogs",
      containers.some((one) => one.logConfiguration?.logDriver === "awslogs"),
    ],
    [
      "ecs.capability.execution-role-awslogs",
      containers.some((one) => one.logConfiguration?.logDriver === "awslogs") && !!input.executionRoleArn,
    ],
    ["com.amazonaws.ecs.capability.ecr-auth", containers.some((one) => one.image?.includes(".dkr.ecr."))],
    [
      "ecs.capability.execution-role-ecr-pull",
      containers.some((one) => one.image?.includes(".dkr.ecr.")) && !!input.executionRoleArn,
    ],
    ["com.amazonaws.ecs.capability.task-iam-role", !!input.taskRoleArn],
    ["ecs.capability.task-eni", input.networkMode === "awsvpc"],
    [
      "ecs.capability.secrets.asm.environment-variables",
      containers.some((one) => one.secrets?.some((secret) => secret.valueFrom?.includes(":secretsmanager:"))),
    ],
    [
      "ecs.capability.secrets.ssm.environment-variables",
      containers.some((one) => one.secrets?.some((secret) => !secret.valueFrom?.includes(":secretsmanager:"))),
    ],
    ["ecs.capability.container-health-check", containers.some((one) => one.healthCheck)],
  ];
  return wanted.filter(([, needed]) => needed).map(([name]) => ({ name }));
}

export function compatibilities(input: RegisterTaskDefinitionRequest): Compatibility[] {
  const fargate =
    input.networkMode === "awsvpc" && !!input.cpu && !!input.memory && isFargateSize(input.cpu, input.memory);
  return fargate ? ["EC2", "FARGATE"] : ["EC2"];
}
