// A container definition as arguments of `docker create`. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html

import type { ContainerDefinition, HealthCheck } from "@aws-sdk/client-ecs";
import type { LaunchedContainer, TaskLaunch } from "../contract.ts";

/** On every container of this runner; its value is the runner's instance. */
export const instanceLabel = "deploy-ecs.simulator";

interface Creation {
  readonly instance: string;
  /** The pulled image. */
  readonly image: string;
  /** `bridge`, or `container:ID`: containers of one task share the network of the first. */
  readonly network: string;
  /**
   * File with the environment: values are not in the argument list, which every user of the machine
   * can read.
   */
  readonly environmentFile: string;
  /** Whether the task's `cpu` is a limit. */
  readonly limitCpu?: boolean;
}

export function createArguments(
  launch: TaskLaunch,
  container: LaunchedContainer,
  creation: Creation,
): string[] {
  const definition = container.definition as ContainerDefinition;
  const [entryPoint, ...entryPointArguments] = container.entryPoint ?? [];
  return [
    ...["create", "--pull", "never", "--name", containerName(launch, container, creation.instance)],
    ...[
      "--network",
      creation.network,
      "--env-file",
      creation.environmentFile,
      "--log-driver",
      "json-file",
    ],
    ...multiLineNames(container.environment).flatMap((name) => ["--env", name]),
    ...labels(launch, container, creation.instance),
    ...memory(launch, definition),
    ...(creation.limitCpu ? cpu(launch, definition) : []),
    ...processSettings(definition, creation.network.startsWith("container:")),
    ...mounts(launch, definition, creation.instance),
    ...linux(definition),
    ...health(definition.healthCheck),
    ...(entryPoint ? ["--entrypoint", entryPoint] : []),
    ...["--", creation.image, ...entryPointArguments, ...(container.command ?? [])],
  ];
}

/**
 * Content of the environment file. It has one line per variable, so a value with several lines must
 * be passed in another way.
 */
export function environmentFile(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .filter(([, value]) => !value.includes("\n"))
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** Variables that docker takes from its own environment, by name. */
export function multiLineNames(environment: Readonly<Record<string, string>>): string[] {
  return Object.keys(environment).filter((name) => environment[name]?.includes("\n"));
}

/**
 * By digest if ECS has resolved one: all tasks of a deployment run the same image, even if the tag
 * has moved since.
 */
export function imageReference({ image, imageDigest }: LaunchedContainer): string {
  return imageDigest && !image.includes("@") ? `${repositoryOf(image)}@${imageDigest}` : image;
}

/** `host:5000/team/app:1` and `host:5000/team/app@sha256:…` → `host:5000/team/app` */
export function repositoryOf(reference: string): string {
  const name = reference.split("@")[0] ?? "";
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

function containerName(launch: TaskLaunch, container: LaunchedContainer, instance: string): string {
  return `ecs-${launch.family}-${launch.revision}-${container.name}-${launch.taskId}-${instance}`;
}

/** The labels of the ECS agent, and our own. */
function labels(launch: TaskLaunch, container: LaunchedContainer, instance: string): string[] {
  const values = {
    ...(container.definition as ContainerDefinition).dockerLabels,
    [instanceLabel]: instance,
    "com.amazonaws.ecs.cluster": launch.clusterName,
    "com.amazonaws.ecs.container-name": container.name,
    "com.amazonaws.ecs.task-arn": launch.taskArn,
    "com.amazonaws.ecs.task-definition-family": launch.family,
    "com.amazonaws.ecs.task-definition-version": String(launch.revision),
  };
  return Object.entries(values).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
}

/**
 * The container's own hard limit, otherwise the task's, both in MiB. Swap is off, as on Fargate: a
 * container over the limit is killed.
 */
function memory(launch: TaskLaunch, definition: ContainerDefinition): string[] {
  const limit = definition.memory ?? Number(launch.memory ?? 0);
  return [
    ...(limit > 0 ? ["--memory", `${limit}m`, "--memory-swap", `${limit}m`] : []),
    ...(definition.memoryReservation
      ? ["--memory-reservation", `${definition.memoryReservation}m`]
      : []),
  ];
}

const cpuPeriodMicroseconds = 100_000;

/**
 * The task's CPU units are a hard limit, here of each container; a container's own are a share.
 * 1,024 units are one vCPU. A quota may be more than the machine has, unlike `--cpus`.
 */
function cpu({ cpu: units }: TaskLaunch, definition: ContainerDefinition): string[] {
  const quota = Math.round((Number(units ?? 0) * cpuPeriodMicroseconds) / 1_024);
  return [
    ...(quota > 0
      ? ["--cpu-period", String(cpuPeriodMicroseconds), "--cpu-quota", String(quota)]
      : []),
    ...(definition.cpu ? ["--cpu-shares", String(Math.max(2, definition.cpu))] : []),
  ];
}

function processSettings(definition: ContainerDefinition, sharesNetwork: boolean): string[] {
  const { hostname, extraHosts = [], ulimits = [], linuxParameters } = definition;
  return [
    ...(definition.user ? ["--user", definition.user] : []),
    ...(definition.workingDirectory ? ["--workdir", definition.workingDirectory] : []),
    ...(definition.readonlyRootFilesystem ? ["--read-only"] : []),
    ...(linuxParameters?.initProcessEnabled ? ["--init"] : []),
    ...ulimits.flatMap((one) => ["--ulimit", `${one.name}=${one.softLimit}:${one.hardLimit}`]),
    ...(hostname && !sharesNetwork ? ["--hostname", hostname] : []),
    ...(sharesNetwork
      ? []
      : extraHosts.flatMap((one) => ["--add-host", `${one.hostname}:${one.ipAddress}`])),
  ];
}

/** Names of the Docker volumes that the task's containers share. */
export function volumesOf(launch: TaskLaunch, instance: string): readonly string[] {
  const named = launch.containers.flatMap(
    ({ definition }) => (definition as ContainerDefinition).mountPoints ?? [],
  );
  return [
    ...new Set(named.map(({ sourceVolume = "" }) => volumeName(sourceVolume, launch, instance))),
  ];
}

function volumeName(volume: string, { taskId }: TaskLaunch, instance: string): string {
  return `ecs-${taskId}-${volume}-${instance}`;
}

/** Empty volumes that end with the task, as Fargate's own; so are those of EFS and of a host. */
function mounts(
  launch: TaskLaunch,
  { mountPoints = [] }: ContainerDefinition,
  instance: string,
): string[] {
  return mountPoints.flatMap(({ sourceVolume = "", containerPath = "", readOnly }) => [
    "--mount",
    [
      "type=volume",
      `source=${volumeName(sourceVolume, launch, instance)}`,
      `target=${containerPath}`,
      ...(readOnly ? ["readonly"] : []),
      `volume-label=${instanceLabel}=${instance}`,
    ].join(","),
  ]);
}

function linux({ linuxParameters, systemControls = [] }: ContainerDefinition): string[] {
  const { tmpfs = [], sharedMemorySize, capabilities } = linuxParameters ?? {};
  return [
    ...tmpfs.flatMap(({ containerPath, size, mountOptions = [] }) => [
      "--tmpfs",
      `${containerPath}:${[`size=${size}m`, ...mountOptions].join(",")}`,
    ]),
    ...(sharedMemorySize ? ["--shm-size", `${sharedMemorySize}m`] : []),
    ...(capabilities?.add ?? []).flatMap((name) => ["--cap-add", name]),
    ...(capabilities?.drop ?? []).flatMap((name) => ["--cap-drop", name]),
    ...systemControls.flatMap(({ namespace, value }) => ["--sysctl", `${namespace}=${value}`]),
  ];
}

/** ECS uses only the task definition's check, never the image's own HEALTHCHECK. */
function health(check: HealthCheck | undefined): string[] {
  const [kind, ...rest] = check?.command ?? [];
  if (!check || !kind || kind === "NONE") return ["--no-healthcheck"];
  // docker's own option always uses the image's shell, so a CMD check is quoted for it.
  const words = kind === "CMD" ? rest : [kind, ...rest];
  const command = kind === "CMD-SHELL" ? rest.join(" ") : words.map(shellQuote).join(" ");
  const { interval = 30, timeout = 5, retries = 3, startPeriod = 0 } = check;
  return [
    ...[
      "--health-cmd",
      command,
      "--health-interval",
      `${interval}s`,
      "--health-timeout",
      `${timeout}s`,
    ],
    ...["--health-retries", String(retries), "--health-start-period", `${startPeriod}s`],
  ];
}

function shellQuote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
