// Tasks in the format of ECS's responses. Pure.

import type {
  Attachment,
  Container,
  HealthStatus,
  LaunchType,
  Task,
  TaskStopCode,
} from "@aws-sdk/client-ecs";
import type { ContainerState, TaskState } from "./state.ts";
import { resolvedPlatform } from "./views.ts";

const at = <Name extends string>(name: Name, milliseconds: number | undefined) =>
  (milliseconds === undefined ? {} : { [name]: new Date(milliseconds) }) as {
    [key in Name]?: Date;
  };

export function taskView(task: TaskState, withTags: boolean): Task {
  const { definition, overrides, settings } = task;
  const provider = settings.capacityProviderStrategy?.[0]?.capacityProvider;
  const launchType = provider ? launchTypeOf(provider) : (settings.launchType ?? "EC2");
  return {
    attachments: attachments(task),
    attributes: [{ name: "ecs.cpu-architecture", value: cpuArchitecture(task) }],
    availabilityZone: `${task.arn.split(":")[3]}a`,
    ...(provider ? { capacityProviderName: provider } : {}),
    clusterArn: task.cluster.arn,
    ...(launchType === "EC2" && task.lastStatus !== "PROVISIONING"
      ? {
          containerInstanceArn: `${task.cluster.arn.replace(":cluster/", ":container-instance/")}/${"0".repeat(32)}`,
        }
      : {}),
    ...(task.hasRun || task.address ? { connectivity: "CONNECTED" } : {}),
    containers: task.containers.map((container) => containerView(task, container)),
    cpu: overrides.cpu ?? definition.definition.cpu ?? "0",
    createdAt: new Date(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: settings.enableExecuteCommand ?? false,
    group: task.group,
    healthStatus: healthStatus(task),
    lastStatus: task.lastStatus,
    launchType,
    memory: overrides.memory ?? definition.definition.memory ?? "0",
    overrides,
    ...(launchType === "FARGATE"
      ? { platformVersion: resolvedPlatform(settings.platformVersion), platformFamily: "Linux" }
      : {}),
    ...at("pullStartedAt", task.pullStartedAt),
    ...at("pullStoppedAt", task.pullStoppedAt),
    ...at("startedAt", task.runningAt),
    ...(task.startedBy ? { startedBy: task.startedBy } : {}),
    ...(task.stopCode ? { stopCode: task.stopCode as TaskStopCode } : {}),
    ...at("stoppedAt", task.stoppedAt),
    ...(task.stoppedReason ? { stoppedReason: task.stoppedReason } : {}),
    ...at("stoppingAt", task.stoppingAt),
    ...at("executionStoppedAt", task.executionStoppedAt),
    ...(withTags ? { tags: [...task.tags] } : {}),
    taskArn: task.arn,
    taskDefinitionArn: definition.arn,
    version: task.version,
    ...(definition.definition.ephemeralStorage
      ? { ephemeralStorage: definition.definition.ephemeralStorage }
      : {}),
  };
}

function containerView(task: TaskState, container: ContainerState): Container {
  const definition = task.definition.definition.containerDefinitions?.find(
    (one) => one.name === container.name,
  );
  return {
    containerArn: container.arn,
    taskArn: task.arn,
    name: container.name,
    image: container.image,
    ...(container.imageDigest ? { imageDigest: container.imageDigest } : {}),
    ...(container.runtimeId ? { runtimeId: container.runtimeId } : {}),
    lastStatus: task.lastStatus === "STOPPED" ? "STOPPED" : container.lastStatus,
    ...(container.exitCode !== undefined ? { exitCode: container.exitCode } : {}),
    ...(container.reason ? { reason: container.reason } : {}),
    networkBindings: [],
    networkInterfaces: task.address
      ? [{ attachmentId: task.attachmentId, privateIpv4Address: task.address }]
      : [],
    healthStatus: container.hasHealthCheck ? container.health : "UNKNOWN",
    cpu: String(definition?.cpu ?? 0),
    ...(definition?.memory !== undefined ? { memory: String(definition.memory) } : {}),
    ...(definition?.memoryReservation !== undefined
      ? { memoryReservation: String(definition.memoryReservation) }
      : {}),
  };
}

/** The worst health status of the essential containers with a health check. */
function healthStatus(task: TaskState): HealthStatus {
  const checked = task.containers.filter((one) => one.hasHealthCheck && one.essential);
  if (checked.some((one) => one.health === "UNHEALTHY")) return "UNHEALTHY";
  return checked.length > 0 && checked.every((one) => one.health === "HEALTHY")
    ? "HEALTHY"
    : "UNKNOWN";
}

function launchTypeOf(capacityProvider: string): LaunchType {
  if (capacityProvider.startsWith("FARGATE")) return "FARGATE";
  return "EC2";
}

function attachments(task: TaskState): Attachment[] {
  if (task.definition.definition.networkMode !== "awsvpc" && !task.address) return [];
  const subnet =
    task.settings.networkConfiguration?.awsvpcConfiguration?.subnets?.[0] ?? "subnet-0";
  return [
    {
      id: task.attachmentId,
      type: "ElasticNetworkInterface",
      status: attachmentStatus[task.lastStatus] ?? "ATTACHED",
      details: [
        { name: "subnetId", value: subnet },
        { name: "networkInterfaceId", value: task.networkInterfaceId },
        ...(task.address ? [{ name: "privateIPv4Address", value: task.address }] : []),
      ],
    },
  ];
}

const attachmentStatus: Readonly<Record<string, string>> = {
  PROVISIONING: "PRECREATED",
  STOPPED: "DELETED",
};

function cpuArchitecture(task: TaskState): string {
  return task.definition.definition.runtimePlatform?.cpuArchitecture === "ARM64"
    ? "arm64"
    : "x86_64";
}
