// What the four operations of Express Mode refuse. Pure. Texts that are not marked are ours: AWS
// documents the rule, and its words are not known.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html

import {
  type CreateExpressGatewayServiceRequest,
  ExpressCpuArchitecture,
  type ExpressGatewayContainer,
  type ExpressGatewayScalingTarget,
  ExpressGatewayServiceScalingMetric,
  type TaskDefinition,
  type UpdateExpressGatewayServiceRequest,
} from "@aws-sdk/client-ecs";
import { AwsError } from "../../contract.ts";
import { invalidParameter } from "../errors.ts";
import type { ServiceState } from "../state.ts";
import { mainOf } from "./definition.ts";

type CreateInput = Partial<CreateExpressGatewayServiceRequest>;
type UpdateInput = Partial<UpdateExpressGatewayServiceRequest>;

const maxTags = 50;
const namePattern = /^[A-Za-z0-9_-]{1,255}$/;

export function refusedCreate(input: CreateInput): AwsError | undefined {
  const said = [
    input.infrastructureRoleArn ? undefined : "infrastructureRoleArn cannot be empty.",
    refusedName(input.serviceName),
    refusedTags(input.tags),
    refusedTogether(input),
    refusedSource(input),
    refusedValues(input),
  ].find((one) => one !== undefined);
  return said === undefined ? undefined : invalidParameter(said);
}

export function refusedUpdate(input: UpdateInput): AwsError | undefined {
  const said =
    refusedTogether(input) ??
    (input.primaryContainer && refusedContainer(input.primaryContainer)) ??
    refusedValues(input);
  return said === undefined ? undefined : invalidParameter(said);
}

const refusedName = (name: string | undefined) =>
  name === undefined || namePattern.test(name)
    ? undefined
    : "serviceName must have 1 to 255 letters, digits, hyphens and underscores.";

function refusedTags(tags: CreateInput["tags"] = []) {
  if (tags.length > maxTags) return "The maximum number of tags is 50.";
  return tags.some(({ key = "" }) => /^aws:/i.test(key))
    ? "The specified tag key is reserved for AWS use: it begins with aws:."
    : undefined;
}

/** AWS's text: dev guide, troubleshooting. */
function refusedTogether(input: CreateInput) {
  if (input.taskDefinitionArn === undefined) return undefined;
  const others = [
    input.primaryContainer,
    input.executionRoleArn,
    input.taskRoleArn,
    input.cpu,
    input.memory,
    input.cpuArchitecture,
  ];
  return others.some((one) => one !== undefined)
    ? "taskDefinitionArn cannot be provided with primaryContainer, executionRoleArn, " +
        "taskRoleArn, cpu, or memory."
    : undefined;
}

function refusedSource({ taskDefinitionArn, primaryContainer, executionRoleArn }: CreateInput) {
  if (taskDefinitionArn !== undefined) return undefined;
  if (primaryContainer === undefined)
    return "Either primaryContainer or taskDefinitionArn must be given.";
  if (!primaryContainer.image) return "primaryContainer.image cannot be empty.";
  return executionRoleArn
    ? refusedContainer(primaryContainer)
    : "executionRoleArn is required with primaryContainer.";
}

function refusedContainer(container: Partial<ExpressGatewayContainer>): string | undefined {
  const { containerPort = 80, awsLogsConfiguration: logs, secrets = [] } = container;
  if (container.image === "") return "primaryContainer.image cannot be empty.";
  if (!Number.isInteger(containerPort) || containerPort < 1 || containerPort > 65_535)
    return "containerPort must be between 1 and 65535.";
  if (logs && !(logs.logGroup && logs.logStreamPrefix))
    return "awsLogsConfiguration: logGroup and logStreamPrefix must be given.";
  return secrets.every(({ name, valueFrom }) => name && valueFrom)
    ? undefined
    : "secrets: name and valueFrom must be given.";
}

function refusedValues(input: CreateInput | UpdateInput): string | undefined {
  const { healthCheckPath: path, cpuArchitecture: architecture, scalingTarget } = input;
  if (path !== undefined && !path.startsWith("/")) return "healthCheckPath must begin with '/'.";
  if (architecture && !Object.values<string>(ExpressCpuArchitecture).includes(architecture))
    return `Invalid value '${architecture}' for 'cpuArchitecture'.`;
  return scalingTarget && refusedScaling(scalingTarget);
}

function refusedScaling(scaling: ExpressGatewayScalingTarget): string | undefined {
  const { minTaskCount = 1, maxTaskCount = 20, autoScalingMetric: metric } = scaling;
  if (metric && !Object.values<string>(ExpressGatewayServiceScalingMetric).includes(metric))
    return `Invalid value '${metric}' for 'autoScalingMetric'.`;
  return minTaskCount < 0 || maxTaskCount < minTaskCount
    ? "minTaskCount must be at least 0 and at most maxTaskCount."
    : undefined;
}

/** AWS's text: dev guide, troubleshooting. */
export function refusedDefinition(definition: TaskDefinition): AwsError | undefined {
  const [port, ...others] = mainOf(definition)?.portMappings ?? [];
  const isTcp = (port?.protocol ?? "tcp") === "tcp";
  if (!port?.containerPort || !port.name || !isTcp || others.length > 0)
    return invalidParameter(
      "Task definition must contain a container named 'Main' with a single TCP port mapping.",
    );
  return definition.compatibilities?.includes("FARGATE")
    ? undefined
    : invalidParameter("Task definition does not support launch_type FARGATE.");
}

/** AWS's texts, as Terraform's provider knows them: hashicorp/terraform-provider-aws. */
export function refusedByStatus({ status }: ServiceState): AwsError | undefined {
  if (status === "ACTIVE") return undefined;
  return new AwsError(
    "ServiceNotActiveException",
    status === "DRAINING"
      ? "Service is in DRAINING status"
      : "Cannot perform this operation on a service in INACTIVE status",
  );
}
