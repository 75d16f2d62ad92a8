// What RegisterTaskDefinition refuses, as a table. Pure; it shares nothing with the action's own
// rules, so that each checks the other.
//
// The texts are AWS's where a user quoted the refusal: [1] github.com/badmintoncryer/cdk-preflight
// (each tried on the real API), [2] klothoplatform/klotho#892, [3] dagster-io/dagster#6926, [4]
// aws/aws-cdk#1422, #29619, [5] aws/amazon-ecs-agent#1220, [6]
// cloudnativedaysjp/dreamkast-infra#4766, [7] fabfuel/ecs-deploy#87, #164, #231, [8]
// thnery/terraform-aws-template#2, [9] awsdocs/amazon-ecs-developer-guide#149, [10]
// aws/aws-cli#7288, [11] aws/amazon-ecs-cli#184. Those marked "ours" are not: AWS documents the
// rule, but its text is not known.

import type { ContainerDefinition, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import type { AwsError } from "../contract.ts";
import { refuseContainer } from "./container-rules.ts";
import { clientException, invalidParameter } from "./errors.ts";
import { cpuUnits, isFargateSize, memoryMegabytes } from "./fargate-sizes.ts";
import { modelViolation } from "./model-rules.ts";
import { refuseVolumes } from "./volume-rules.ts";

const maxBytes = 65_536;
const maxTags = 50;
const maxContainers = 10;
const namePattern = /^[A-Za-z0-9_-]{1,255}$/;

/** AWS's text, or undefined: the definition follows the rule. */
type RegistrationCheck = (
  input: RegisterTaskDefinitionRequest,
  containers: readonly ContainerDefinition[],
) => string | undefined;

export function refuseTaskDefinition(input: RegisterTaskDefinitionRequest): AwsError | undefined {
  const nullAt = findNull(input, "");
  if (nullAt !== undefined) {
    return invalidParameter(
      `1 validation error detected: Value null at '${nullAt}' failed to satisfy constraint: ` +
        "Member must not be null",
    );
  }
  const { tags = [], containerDefinitions: containers = [] } = input;
  if (tags.length > maxTags) return invalidParameter("The maximum number of tags is 50.");
  const [unfit] = tags.filter(
    ({ key = "", value = "" }) => !/^.{1,128}$/u.test(key) || value.length > 256,
  );
  if (unfit)
    // ours
    return invalidParameter("The tag key must have 1 to 128 characters and the value at most 256.");
  if (new Set(tags.map(({ key }) => key)).size < tags.length)
    return invalidParameter("Duplicate tag keys found."); // ours
  const said =
    first([...taskChecks, ...referenceChecks], input, containers) ??
    containers.map((one) => refuseContainer(one, input)).find((one) => one !== undefined) ??
    refuseVolumes(input, containers) ??
    modelViolation(input) ??
    (input.requiresCompatibilities?.includes("FARGATE") ? fargateProblem(input) : undefined);
  return said === undefined ? undefined : clientException(said);
}

/** Only AWS's own services (CloudFormation) may set such tags. The texts are ours. */
export function refuseReservedTags({
  tags = [],
}: RegisterTaskDefinitionRequest): AwsError | undefined {
  return tags.some(({ key = "" }) => /^aws:/i.test(key))
    ? invalidParameter("The specified tag key is reserved for AWS use: it begins with aws:.")
    : undefined;
}

/** Why this task definition cannot run on Fargate. */
export function fargateProblem(input: RegisterTaskDefinitionRequest): string | undefined {
  return first(fargateChecks, input, input.containerDefinitions ?? []);
}

function first(
  checks: readonly RegistrationCheck[],
  input: RegisterTaskDefinitionRequest,
  containers: readonly ContainerDefinition[],
): string | undefined {
  for (const check of checks) {
    const said = check(input, containers);
    if (said !== undefined) return said;
  }
  return undefined;
}

/** This text if `broken`. */
const checkWith = (
  words: string,
  broken: (...of: Parameters<RegistrationCheck>) => unknown,
): RegistrationCheck => {
  return (input, containers) => (broken(input, containers) ? words : undefined);
};

const total = (containers: readonly ContainerDefinition[], member: "cpu" | "memoryReservation") =>
  containers.reduce((sum, one) => sum + (one[member] ?? 0), 0);

const taskChecks: readonly RegistrationCheck[] = [
  checkWith("Family should not be null or empty.", ({ family }) => !family),
  checkWith("Family contains invalid characters.", ({ family = "" }) => !namePattern.test(family)),
  checkWith("Container list cannot be empty.", (_, containers) => containers.length === 0),
  checkWith("Too many containers.", (_, containers) => containers.length > maxContainers), // [11]
  (input) => {
    const length = Buffer.byteLength(JSON.stringify(input));
    return length > maxBytes
      ? `Actual length: '${length}'. Max allowed length is '${maxBytes}' bytes.` // [9]
      : undefined;
  },
  checkWith("Container.name should not be null or empty.", (_, containers) =>
    containers.some((one) => !one.name),
  ),
  checkWith("Container name contains invalid characters.", (_, containers) =>
    containers.some(({ name = "" }) => !namePattern.test(name)),
  ), // ours
  checkWith("Container.image should not be null or empty.", (_, containers) =>
    containers.some((one) => !one.image),
  ),
  (_, containers) => {
    const names = containers.map((one) => one.name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    return twice && `Container name '${twice}' must be unique within a task definition.`;
  },
  checkWith(
    "Invalid 'essential' setting for containers. At least one container must be essential.",
    (_, containers) => containers.every((one) => one.essential === false),
  ),
  checkWith(
    "Invalid 'cpu' setting for task.",
    ({ cpu }) => cpu !== undefined && !(cpuUnits(cpu) > 0),
  ),
  checkWith(
    "Invalid 'memory' setting for task.",
    ({ memory }) => memory !== undefined && !(memoryMegabytes(memory) > 0),
  ),
  (input, containers) => {
    const boundless = input.memory
      ? undefined
      : containers.find((one) => !one.memory && !one.memoryReservation);
    return (
      boundless &&
      `Invalid setting for container '${boundless.name}'. At least one of 'memory' or ` +
        "'memoryReservation' must be specified."
    );
  },
  ({ memory }, containers) => {
    const larger = containers.find((one) => memory && (one.memory ?? 0) > memoryMegabytes(memory));
    return (
      larger && `The 'memory' setting for container '${larger.name}' is greater than for the task.`
    );
  },
  checkWith(
    "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
    ({ cpu }, all) => (cpu ? total(all, "cpu") > cpuUnits(cpu) : false),
  ), // [2]
  checkWith(
    "The sum of all container 'memoryReservation' values cannot be greater than the value of " +
      "the task 'memory'.",
    ({ memory }, all) =>
      memory ? total(all, "memoryReservation") > memoryMegabytes(memory) : false,
  ), // [6]
  checkWith(
    "Unsupported field 'inferenceAccelerators'.",
    ({ inferenceAccelerators = [] }) => inferenceAccelerators.length > 0,
  ), // [1]
  checkWith(
    "Tasks using the EC2 launch type do not support EphemeralStorage.", // [1]
    ({ ephemeralStorage, requiresCompatibilities: required = [] }) =>
      ephemeralStorage &&
      required.length > 0 &&
      required.every((one) => one === "EC2" || one === "EXTERNAL"),
  ),
  checkWith("Role is not valid", ({ taskRoleArn, executionRoleArn }) =>
    [taskRoleArn, executionRoleArn].some(isNoRole),
  ), // [7]
  checkWith(
    // [7]
    "When you are specifying container secrets, you must also specify a value for " +
      "'executionRoleArn'.",
    ({ executionRoleArn }, containers) =>
      !executionRoleArn &&
      containers.some((one) => one.secrets?.length || one.logConfiguration?.secretOptions?.length),
  ),
  checkWith(
    "APPMESH proxy configuration is only supported in networkMode=awsvpc.",
    ({ proxyConfiguration, networkMode }) =>
      proxyConfiguration ? networkMode !== "awsvpc" : false,
  ), // [1]
];

/** References to something that does not exist. */
const referenceChecks: readonly RegistrationCheck[] = [
  (_, containers) => {
    const names = new Set(containers.map((one) => one.name));
    const lost = containers
      .flatMap((one) => one.dependsOn ?? [])
      .find((one) => !names.has(one.containerName));
    return (
      lost &&
      `Cannot depend on container + '${lost.containerName ?? "null"}' because it does not exist`
    ); // [3]
  },
  (_, containers) => {
    const broken = containers.some((one) =>
      one.dependsOn?.some(
        ({ condition, containerName }) =>
          (condition === "SUCCESS" || condition === "COMPLETE") &&
          (containers.find(({ name }) => name === containerName)?.essential ?? true),
      ),
    );
    return broken
      ? // boto/boto3#2436
        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
      : undefined;
  },
  (_, containers) => {
    const healthy = new Set(containers.filter((one) => one.healthCheck).map((one) => one.name));
    const broken = containers.some((one) =>
      one.dependsOn?.some((on) => on.condition === "HEALTHY" && !healthy.has(on.containerName)),
    );
    return broken
      ? "A dependency container with HEALTHY condition must have health check configured"
      : undefined; // [1]
  },
  checkWith("Container dependencies must not form a cycle.", (_, containers) =>
    waitsForItself(containers),
  ), // ours
  (_, containers) => {
    const names = new Set(containers.map((one) => one.name));
    const lost = containers
      .flatMap((one) => one.volumesFrom ?? [])
      .find((one) => !names.has(one.sourceContainer));
    return (
      lost &&
      `Invalid 'volumesFrom' setting. Unknown container: '${lost.sourceContainer ?? "null"}'.`
    ); // [1]
  },
  ({ proxyConfiguration }, containers) =>
    proxyConfiguration && !containers.some((one) => one.name === proxyConfiguration.containerName)
      ? `Proxy container [${proxyConfiguration.containerName ?? "null"}] does not exist.` // [1]
      : undefined,
  (_, containers) => {
    const ports = containers.flatMap(
      (one) => one.portMappings?.flatMap(({ name }) => name ?? []) ?? [],
    );
    const twice = ports.find((name, index) => ports.indexOf(name) !== index);
    return twice && `Port mapping name '${twice}' is already used.`; // [1]
  },
  (_, containers) => {
    const ranges = containers.flatMap((one) =>
      (one.portMappings ?? []).flatMap(({ containerPortRange }) =>
        containerPortRange ? [containerPortRange.split("-").map(Number)] : [],
      ),
    );
    const meets = ranges.some(([from = 0, to = 0], index) =>
      ranges.some(([other = 0, end = 0], place) => place < index && from <= end && other <= to),
    );
    return meets ? "Container port is used multiple times in task." : undefined; // [1]
  },
  ({ networkMode }, containers) => {
    if (networkMode === "awsvpc") return undefined;
    const taken = new Set<string>();
    for (const { hostPort, containerPort, protocol } of containers.flatMap(
      (one) => one.portMappings ?? [],
    )) {
      const port = networkMode === "host" ? (hostPort ?? containerPort) : hostPort;
      const name = `${protocol === "udp" ? "UDP" : "TCP"} host port '${port}'`;
      if (port && taken.has(name)) return `${name} is mapped multiple times in task.`; // [5]
      taken.add(name);
    }
    return undefined;
  },
  checkWith(
    // [7]
    "When awsfirelens log driver is specified in log configuration, a firelens configuration " +
      "object must be configured in one of the containers.",
    (_, containers) =>
      logs(containers, "awsfirelens") && !containers.some((one) => one.firelensConfiguration),
  ),
  checkWith(
    // cloudposse/terraform-aws-ecs-container-definition#47
    "When a firelensConfiguration object is specified, at least one container has to be " +
      "configured with the awsfirelens log driver.",
    (_, containers) =>
      !logs(containers, "awsfirelens") && containers.some((one) => one.firelensConfiguration),
  ),
];

const fargateChecks: readonly RegistrationCheck[] = [
  checkWith(
    "Fargate only supports network mode ‘awsvpc’.",
    ({ networkMode }) => networkMode !== "awsvpc",
  ),
  checkWith("Fargate requires that 'cpu' be defined at the task level.", ({ cpu }) => !cpu),
  checkWith(
    "Fargate requires that 'memory' be defined at the task level.",
    ({ memory }) => !memory,
  ),
  ({ cpu = "", memory = "", runtimePlatform }) => {
    const isTooSmall =
      runtimePlatform?.operatingSystemFamily?.startsWith("WINDOWS") && cpuUnits(cpu) < 1024;
    return isFargateSize(cpu, memory) && !isTooSmall
      ? undefined
      : `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the ` +
          "Amazon ECS documentation for the valid values.";
  },
  checkWith(
    "Fargate requires task definition to have execution role ARN to support ECR images.",
    ({ executionRoleArn }, containers) =>
      !executionRoleArn && containers.some((one) => one.image?.includes(".dkr.ecr.")),
  ),
  checkWith(
    "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
    ({ executionRoleArn }, containers) => !executionRoleArn && logs(containers, "awslogs"),
  ),
  checkWith(
    // ours
    "Fargate requires task definition to have execution role ARN to support private registries.",
    ({ executionRoleArn }, containers) =>
      !executionRoleArn && containers.some((one) => one.repositoryCredentials),
  ),
  checkWith(
    // [4]
    "Fargate requires log configuration options to include awslogs-stream-prefix to support " +
      "log driver awslogs.",
    (_, containers) =>
      containers.some(
        ({ logConfiguration: log }) =>
          log?.logDriver === "awslogs" && !log.options?.["awslogs-stream-prefix"],
      ),
  ),
  (_, containers) => {
    const drivers = containers.flatMap(({ logConfiguration }) => logConfiguration?.logDriver ?? []);
    const other = drivers.find((one) => !["awslogs", "splunk", "awsfirelens"].includes(one));
    return (
      other && `${other} is not a valid log driver. Must be one of [awslogs, splunk, awsfirelens]`
    ); // [1]
  },
  checkWith("Fargate requires that the 'privileged' setting be 'false'.", (_, containers) =>
    containers.some((one) => one.privileged),
  ), // [1]
  ({ pidMode }) =>
    pidMode && pidMode !== "task"
      ? // [4]
        `Tasks using the Fargate launch type do not support pidMode '${pidMode}'. The supported ` +
        "value for pidMode is 'task'."
      : undefined,
  (input, containers) => {
    const found = notOnFargate(input, containers);
    return found && `Fargate compatible task definitions do not support ${found}`; // [1]
  },
  (_, containers) => {
    const added = containers.flatMap((one) => one.linuxParameters?.capabilities?.add ?? []);
    const other = added.find((one) => one !== "SYS_PTRACE");
    return other && `${other} is not allowed on Fargate.`; // [1]
  },
  checkWith(
    "Tasks using the Fargate launch type do not support GPU resource requirements.",
    (_, containers) =>
      containers.some((one) => one.resourceRequirements?.some(({ type }) => type === "GPU")),
  ), // [1]
  checkWith(
    "Fargate launch type does not support FirelensConfiguration config file from 's3'",
    (_, containers) =>
      containers.some((one) => one.firelensConfiguration?.options?.["config-file-type"] === "s3"),
  ),
  checkWith(
    "Tasks using the Fargate launch type must have a container stop timeout of less than 120 " +
      "seconds.",
    (_, containers) => containers.some((one) => (one.stopTimeout ?? 0) > 120),
  ),
];

function notOnFargate(
  input: RegisterTaskDefinitionRequest,
  containers: readonly ContainerDefinition[],
): string | undefined {
  if (input.ipcMode) return "ipcMode";
  if (input.placementConstraints?.length) return "constraints";
  if (input.volumes?.some((one) => one.dockerVolumeConfiguration))
    return "dockerVolumeConfiguration";
  if (input.volumes?.some((one) => one.host?.sourcePath)) return "sourcePath";
  if (containers.some((one) => one.dockerSecurityOptions?.length)) return "dockerSecurityOptions";
  const linux = containers.flatMap((one) => one.linuxParameters ?? []);
  if (linux.some((one) => one.devices?.length)) return "devices";
  if (linux.some((one) => one.sharedMemorySize)) return "sharedMemorySize";
  return linux.some((one) => one.maxSwap || one.swappiness) ? "maxSwap" : undefined;
}

const logs = (containers: readonly ContainerDefinition[], driver: string) =>
  containers.some(({ logConfiguration }) => logConfiguration?.logDriver === driver);

/** A short name, or the ARN of a role. */
const isNoRole = (role: string | undefined) =>
  role !== undefined && !/^(arn:[a-z-]+:iam::\d{12}:role\/.+|[\w+=,.@/-]+)$/.test(role);

function waitsForItself(containers: readonly ContainerDefinition[]): boolean {
  const reaches = new Map(
    containers.map((one) => [
      one.name ?? "",
      (one.dependsOn ?? []).map((on) => on.containerName ?? ""),
    ]),
  );
  return containers.some(({ name = "" }) => {
    const seen = new Set<string>();
    const open = [...(reaches.get(name) ?? [])];
    while (open.length > 0) {
      const next = open.pop() ?? "";
      if (next === name) return true;
      if (!seen.has(next)) open.push(...(reaches.get(next) ?? []));
      seen.add(next);
    }
    return false;
  });
}

/** Path of the first null, as AWS writes it (list members count from 1). */
function findNull(value: unknown, path: string): string | undefined {
  if (value === null) return path;
  if (typeof value !== "object") return undefined;
  const children = Array.isArray(value)
    ? value.map((child, index): readonly [string, unknown] => [
        `${path}.${index + 1}.member`,
        child,
      ])
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
