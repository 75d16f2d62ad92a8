// Runs the tasks of the new revision in containers and measures them; those of the revision before
// only appear to run.

import { connect } from "node:net";
import type { SimulatorOptions } from "ecs-simulator";
import { type ContainerRunner, Docker, type TaskLaunch } from "ecs-simulator/tasks";
import { type JsonObject, numberOf, objectOf, objectsOf } from "../json.ts";
import type { TaskNetwork } from "./hosts.ts";
import type { ContainerMeasurement, HealthCheckLimits, TaskMeasurement } from "./measurement.ts";

type TaskRunner = SimulatorOptions["runner"];
type TaskHandle = ReturnType<TaskRunner["start"]>;
type TaskEvents = Parameters<TaskRunner["start"]>[1];

interface RunnerPorts {
  readonly containers: ContainerRunner;
  readonly network: TaskNetwork;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** The revision that ran before: there is no image of it. */
  readonly isBefore: (launch: TaskLaunch) => boolean;
}

export interface MeasuringRunner extends TaskRunner {
  /** Tasks of the service's new revision, in the order of their start. */
  readonly measured: readonly TaskMeasurement[];
  /** Tries the ports of the tasks that run, then stops these tasks as ECS does. */
  readonly stopRunning: () => Promise<void>;
  /** Ends what reads figures of tasks that have not ended. */
  readonly close: () => void;
}

interface RunningTask {
  readonly measurement: TaskMeasurement;
  readonly launch: TaskLaunch;
  readonly handle: TaskHandle;
  readonly stopped: Promise<void>;
  readonly readings: Reading[];
  address: string | undefined;
}

export function measuringRunner(ports: RunnerPorts): MeasuringRunner {
  const running = new Set<RunningTask>();
  const measured: TaskMeasurement[] = [];
  return {
    measured,
    start(launch, events) {
      if (ports.isBefore(launch)) return pretendToRun(launch, events);
      const measurement = newMeasurement(launch);
      if (launch.serviceName !== undefined) measured.push(measurement);
      const task = startMeasured(withHosts(launch, ports.network), events, measurement, ports);
      running.add(task);
      void task.stopped.then(() => running.delete(task));
      return task.handle;
    },
    async stopRunning() {
      await Promise.all([...running].map(stopTask));
    },
    close() {
      for (const { readings } of running) endAll(readings);
    },
  };
}

/** Healthy at once, and stopped at once. */
function pretendToRun(launch: TaskLaunch, events: TaskEvents): TaskHandle {
  queueMicrotask(() => {
    events.pulled({});
    events.running({});
    for (const { name, definition } of launch.containers)
      if (definition["healthCheck"] !== undefined) events.health(name, "HEALTHY");
  });
  const containers = launch.containers.map(({ name }) => ({ name, exitCode: 0 }));
  return {
    stop: (stopCode, stoppedReason) =>
      queueMicrotask(() => events.stopped({ stopCode, stoppedReason, containers })),
  };
}

function withHosts(launch: TaskLaunch, { extraHosts }: TaskNetwork): TaskLaunch {
  if (extraHosts.length === 0) return launch;
  const containers = launch.containers.map((container) => {
    const definition = container.definition as JsonObject;
    const all = [...objectsOf(definition.extraHosts), ...extraHosts];
    return { ...container, definition: { ...definition, extraHosts: all } };
  });
  return { ...launch, containers };
}

/** What ECS waits between SIGTERM and SIGKILL unless the definition says otherwise, in seconds. */
const defaultStopTimeout = 30;

function newMeasurement(launch: TaskLaunch): TaskMeasurement {
  return {
    stoppedAfterSeconds: undefined,
    containers: launch.containers.map((container): ContainerMeasurement => {
      const definition = container.definition as JsonObject;
      const taskMemory = Number(launch.memory);
      return {
        name: container.name,
        essential: container.essential,
        limits: {
          memoryMib: numberOf(definition.memory) ?? (taskMemory || undefined),
          stopTimeoutSeconds: numberOf(definition.stopTimeout) ?? defaultStopTimeout,
          readonlyRootFilesystem: definition.readonlyRootFilesystem === true,
          healthCheck: healthCheckLimits(definition),
        },
        healthyAfterSeconds: undefined,
        peakMemoryMib: undefined,
        exitCode: undefined,
        reason: undefined,
        silentPorts: [],
        garbledLines: 0,
        readonlyErrors: [],
      };
    }),
  };
}

/** With ECS's defaults. */
function healthCheckLimits({ healthCheck }: JsonObject): HealthCheckLimits | undefined {
  if (healthCheck === undefined) return undefined;
  const { startPeriod, interval, retries } = objectOf(healthCheck);
  return {
    startPeriodSeconds: numberOf(startPeriod) ?? 0,
    intervalSeconds: numberOf(interval) ?? 30,
    retries: numberOf(retries) ?? 3,
  };
}

function startMeasured(
  launch: TaskLaunch,
  events: TaskEvents,
  measurement: TaskMeasurement,
  { containers, now }: RunnerPorts,
): RunningTask {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const of = (name: string) => measurement.containers.find((one) => one.name === name);
  let startedAt: number | undefined;
  let askedAt: number | undefined;
  const measuring: TaskEvents = {
    ...events,
    started(name) {
      startedAt ??= now();
      events.started(name);
    },
    running(details) {
      startedAt ??= now();
      task.address = details.privateIpv4Address;
      for (const [name, id] of Object.entries(details.runtimeIds ?? {}))
        task.readings.push(followMemory(id, of(name)));
      events.running(details);
    },
    health(name, status) {
      const container = of(name);
      if (status === "HEALTHY" && container)
        container.healthyAfterSeconds ??= secondsBetween(startedAt, now());
      events.health(name, status);
    },
    log(name, line) {
      const container = of(name);
      if (container) noteLine(line, container);
      events.log(name, line);
    },
    stopped(stop) {
      endAll(task.readings);
      if (askedAt !== undefined) measurement.stoppedAfterSeconds = secondsBetween(askedAt, now());
      for (const { name, exitCode, reason } of stop.containers) {
        const container = of(name);
        if (!container) continue;
        container.exitCode = exitCode;
        container.reason = reason;
      }
      events.stopped(stop);
      resolve();
    },
  };
  const inner = containers.start(launch, measuring);
  const handle: TaskHandle = {
    stop(stopCode, stoppedReason) {
      // Before its start there is nothing that could get a SIGTERM.
      if (startedAt !== undefined) askedAt ??= now();
      inner.stop(stopCode, stoppedReason);
    },
  };
  const task: RunningTask = {
    measurement,
    launch,
    handle,
    stopped,
    readings: [],
    address: undefined,
  };
  return task;
}

function secondsBetween(from: number | undefined, to: number): number | undefined {
  if (from === undefined) return undefined;
  return Math.round((to - from) / 100) / 10;
}

const maxQuotedErrors = 3;

function noteLine(line: string, container: ContainerMeasurement): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\ufffd]/.test(line))
    container.garbledLines++;
  const isRefused = container.limits.readonlyRootFilesystem && /read-only file ?system/i.test(line);
  if (isRefused && container.readonlyErrors.length < maxQuotedErrors)
    container.readonlyErrors.push(line.slice(0, 200));
}

interface Reading {
  readonly end: () => void;
}

function endAll(readings: readonly Reading[]): void {
  for (const reading of readings) reading.end();
}

/** One reading every two seconds, which is what `docker stats` takes, until it is ended. */
function followMemory(id: string, container: ContainerMeasurement | undefined): Reading {
  const docker = new Docker();
  let ended = false;
  const read = async () => {
    while (!ended && container) {
      const { code, stdout } = await docker.try([...statsArguments, id]);
      const used = parseMemory(stdout);
      if (code !== 0) return;
      if (used !== undefined)
        container.peakMemoryMib = Math.max(container.peakMemoryMib ?? 0, used);
    }
  };
  void read().catch(() => undefined);
  return {
    end() {
      ended = true;
    },
  };
}

const statsArguments = ["stats", "--no-stream", "--format", "{{.MemUsage}}"];

const mebibytes: Readonly<Record<string, number>> = {
  B: 1 / 1_048_576,
  KiB: 1 / 1_024,
  MiB: 1,
  GiB: 1_024,
};

/** `12.3MiB / 256MiB` */
function parseMemory(line: string): number | undefined {
  const [, amount, unit = ""] = line.match(/([\d.]+)(B|KiB|MiB|GiB) \/ /) ?? [];
  const size = mebibytes[unit];
  if (amount === undefined || size === undefined) return undefined;
  const used = Number(amount) * size;
  // A container that has ended uses none.
  if (used === 0) return undefined;
  return Math.round(used * 10) / 10;
}

async function stopTask(task: RunningTask): Promise<void> {
  const { measurement, launch, address, handle, stopped } = task;
  if (address !== undefined)
    for (const container of measurement.containers)
      container.silentPorts = await silentPorts(address, portsOf(container.name, launch));
  handle.stop("UserInitiated", "The rehearsal has ended");
  await stopped;
}

function portsOf(name: string, { containers }: TaskLaunch): readonly number[] {
  const definition = containers.find((one) => one.name === name)?.definition as
    | JsonObject
    | undefined;
  return objectsOf(definition?.portMappings).flatMap(({ containerPort, protocol }) => {
    if (protocol === "udp") return [];
    return numberOf(containerPort) ?? [];
  });
}

async function silentPorts(address: string, ports: readonly number[]): Promise<readonly number[]> {
  const answers = await Promise.all(ports.map((port) => isListening(address, port)));
  return ports.filter((_, index) => answers[index] === false);
}

const connectMilliseconds = 2_000;

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMilliseconds });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
