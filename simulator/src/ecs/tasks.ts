// The lifecycle of one task: PROVISIONING → PENDING → ACTIVATING → RUNNING → DEACTIVATING →
// STOPPING → DEPROVISIONING → STOPPED.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html

import type { ContainerDefinition, Tag, TaskOverride } from "@aws-sdk/client-ecs";
import type { TaskEvents, TaskStop } from "../contract.ts";
import { prepareTask } from "./execution-role.ts";
import { arn } from "./identifiers.ts";
import type {
  ClusterState,
  ContainerState,
  EcsState,
  RevisionState,
  ServiceSettings,
  ServiceState,
  TaskDefinitionState,
  TaskState,
} from "./state.ts";
import { routeLog } from "./task-logs.ts";

interface LaunchRequest {
  readonly cluster: ClusterState;
  readonly definition: TaskDefinitionState;
  readonly service?: ServiceState;
  readonly revision?: RevisionState;
  readonly startedBy?: string;
  readonly group: string;
  readonly overrides?: TaskOverride;
  readonly tags?: readonly Tag[];
  readonly settings: ServiceSettings;
  /** Container name → digest that ECS resolved. */
  readonly digests: Readonly<Record<string, string | undefined>>;
}

/** Called for the launcher of a task when the task changed, and when it is STOPPED. */
export interface TaskObserver {
  changed(task: TaskState): void;
  running(task: TaskState): void;
  ended(task: TaskState): void;
}

export function launchTask(
  world: EcsState,
  order: LaunchRequest,
  observer: TaskObserver,
): TaskState {
  const id = world.ids.hex(32);
  const { cluster, definition } = order;
  const task: TaskState = {
    arn: arn(world, `task/${cluster.name}/${id}`),
    id,
    cluster,
    definition,
    ...(order.service ? { service: order.service } : {}),
    ...(order.revision ? { revision: order.revision } : {}),
    ...(order.startedBy ? { startedBy: order.startedBy } : {}),
    group: order.group,
    overrides: order.overrides ?? { containerOverrides: [], inferenceAcceleratorOverrides: [] },
    tags: order.tags ?? [],
    settings: order.settings,
    containers: [
      ...(definition.definition.containerDefinitions ?? []),
      ...addedContainers(world),
    ].map((one) => newContainer(world, cluster, id, one, order.digests)),
    networkInterfaceId: `eni-${world.ids.hex(17)}`,
    attachmentId: world.ids.uuid(),
    createdAt: world.clock.now(),
    visibleAt: world.clock.now() + world.delays.tasks,
    version: 1,
    lastStatus: "PROVISIONING",
    desiredStatus: "RUNNING",
    hasRun: false,
    wasHealthy: false,
    hasEnded: false,
  };
  cluster.tasks.push(task);
  order.revision?.tasks.push(task);
  world.clock.schedule(world.timing.provisioning, () => startPulling(world, task, observer));
  return task;
}

/** GuardDuty's agent and the Service Connect proxy are in no task definition. */
function addedContainers({ addedContainers: names }: EcsState): readonly ContainerDefinition[] {
  return names.map((name) => ({
    name,
    image: `aws/${name}`,
    essential: name.startsWith("ecs-service-connect-"),
  }));
}

function newContainer(
  world: EcsState,
  cluster: ClusterState,
  taskId: string,
  definition: ContainerDefinition,
  digests: LaunchRequest["digests"],
): ContainerState {
  const name = definition.name ?? "";
  const digest = digests[name];
  return {
    arn: arn(world, `container/${cluster.name}/${taskId}/${world.ids.uuid()}`),
    name,
    image: definition.image ?? "",
    essential: definition.essential ?? true,
    hasHealthCheck:
      definition.healthCheck !== undefined && definition.healthCheck.command?.[0] !== "NONE",
    ...(digest ? { imageDigest: digest } : {}),
    lastStatus: "PENDING",
    health: "UNKNOWN",
  };
}

function startPulling(world: EcsState, task: TaskState, observer: TaskObserver): void {
  if (task.hasEnded || world.heldFamilies.has(task.definition.family)) return;
  setStatus(task, "PENDING");
  const prepared = prepareTask(world, task);
  if ("refused" in prepared) return end(world, task, prepared.refused, observer);
  task.pullStartedAt = world.clock.now();
  const handle = world.runner.start(prepared.launch, createTaskEvents(world, task, observer));
  task.handle = handle;
  observer.changed(task);
}

/** Converts the runner's events into the task's state. */
function createTaskEvents(world: EcsState, task: TaskState, observer: TaskObserver): TaskEvents {
  return {
    pulled(digests) {
      if (task.hasEnded) return;
      task.pullStoppedAt = world.clock.now();
      for (const container of task.containers) {
        const digest = digests[container.name];
        if (digest) container.imageDigest = digest;
      }
      task.version++;
    },
    running({ privateIpv4Address, runtimeIds = {} }) {
      if (task.hasEnded) return;
      if (privateIpv4Address) task.address = privateIpv4Address;
      for (const container of task.containers) {
        container.lastStatus = "RUNNING";
        container.runtimeId = runtimeIds[container.name] ?? `${task.id}-${world.ids.digits(10)}`;
      }
      if (task.desiredStatus === "STOPPED") return;
      setStatus(task, "ACTIVATING");
      world.clock.schedule(world.timing.activating, () => markRunning(world, task, observer));
    },
    started(name) {
      const container = task.containers.find((one) => one.name === name);
      if (task.hasEnded || !container) return;
      container.lastStatus = "RUNNING";
      task.version++;
      observer.changed(task);
    },
    health(name, status) {
      const container = task.containers.find((one) => one.name === name);
      if (task.hasEnded || !container) return;
      container.health = status;
      task.version++;
      observer.changed(task);
    },
    exited(name, exitCode) {
      const container = task.containers.find((one) => one.name === name);
      if (task.hasEnded || !container) return;
      container.lastStatus = "STOPPED";
      container.exitCode = exitCode;
      task.version++;
      observer.changed(task);
    },
    log: (name, message) => routeLog(world, task, name, message),
    stopped: (stop) => end(world, task, stop, observer),
  };
}

function markRunning(world: EcsState, task: TaskState, observer: TaskObserver): void {
  if (task.hasEnded || task.lastStatus !== "ACTIVATING") return;
  setStatus(task, "RUNNING");
  task.hasRun = true;
  task.runningAt = world.clock.now();
  observer.running(task);
}

/** Requests that a task stops; it is STOPPED some time later. */
export function stopTask(
  world: EcsState,
  task: TaskState,
  why: {
    readonly by: "scheduler" | "check" | "user";
    readonly stopCode: string;
    readonly stoppedReason: string;
  },
  observer: TaskObserver,
): void {
  if (task.desiredStatus === "STOPPED") return;
  task.desiredStatus = "STOPPED";
  task.stoppedBy = why.by;
  task.stopCode = why.stopCode;
  task.stoppedReason = why.stoppedReason;
  task.stoppingAt = world.clock.now();
  const { handle } = task;
  if (!handle) {
    const containers = task.containers.map(({ name }) => ({ name }));
    return end(
      world,
      task,
      { stopCode: why.stopCode, stoppedReason: why.stoppedReason, containers },
      observer,
    );
  }
  const tell = () => {
    if (task.hasEnded) return;
    setStatus(task, "STOPPING");
    handle.stop(why.stopCode, why.stoppedReason);
  };
  if (task.lastStatus !== "RUNNING") return tell();
  setStatus(task, "DEACTIVATING");
  world.clock.schedule(world.timing.deactivating, tell);
}

/** The containers have stopped. The first reason is kept, whether the stop was requested or not. */
function end(world: EcsState, task: TaskState, stop: TaskStop, observer: TaskObserver): void {
  if (task.hasEnded) return;
  task.hasEnded = true;
  task.desiredStatus = "STOPPED";
  task.stopCode ??= stop.stopCode;
  task.stoppedReason ??= stop.stoppedReason;
  task.stoppingAt ??= world.clock.now();
  task.executionStoppedAt = world.clock.now();
  for (const container of task.containers) {
    const told = stop.containers.find((one) => one.name === container.name);
    container.lastStatus = "STOPPED";
    if (told?.exitCode !== undefined) container.exitCode = told.exitCode;
    if (told?.reason !== undefined) container.reason = told.reason;
  }
  setStatus(task, "DEPROVISIONING");
  observer.changed(task);
  world.clock.schedule(world.timing.deprovisioning, () => {
    setStatus(task, "STOPPED");
    task.stoppedAt = world.clock.now();
    observer.ended(task);
  });
}

function setStatus(task: TaskState, status: TaskState["lastStatus"]): void {
  task.lastStatus = status;
  task.version++;
}
