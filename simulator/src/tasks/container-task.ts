// One task with real containers: pull, create, start, watch, stop, remove.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type {
  LaunchedContainer,
  StoppedContainer,
  TaskEvents,
  TaskHandle,
  TaskLaunch,
  TaskStop,
} from "../contract.ts";
import type { Docker } from "./docker.ts";
import {
  createArguments,
  environmentFile,
  imageReference,
  multiLineNames,
  repositoryOf,
  volumesOf,
} from "./docker-arguments.ts";
import * as reasons from "./docker-reasons.ts";
import { type RegistryCredentials, withRegistryLogin } from "./registry-login.ts";
import { RunningContainer } from "./running-container.ts";
import {
  type DependencyState,
  dependenciesOf,
  describeFailedDependency,
  endsBeforeOthers,
  judgeDependency,
  startOrder,
} from "./start-order.ts";

export interface TaskSettings {
  readonly docker: Docker;
  readonly instance: string;
  readonly credentials: (
    launch: TaskLaunch,
  ) => RegistryCredentials | undefined | Promise<RegistryCredentials | undefined>;
  readonly pullBehavior: "always" | "prefer-cached";
  readonly network: string;
  readonly maximumStopTimeout: number;
  readonly limitCpu: boolean;
}

type StopReason = Pick<TaskStop, "stopCode" | "stoppedReason">;

const essentialExited: StopReason = {
  stopCode: "EssentialContainerExited",
  stoppedReason: "Essential container in task exited",
};

/** How long ECS waits between SIGTERM and SIGKILL by default. */
const defaultStopTimeoutSeconds = 30;

/** How often it is checked whether a condition of `dependsOn` is met. */
const dependencyMilliseconds = 100;

export class ContainerTask implements TaskHandle {
  /** Resolves when the task has ended and nothing of it is left on the machine; never rejects. */
  readonly over: Promise<void>;
  readonly #settings: TaskSettings;
  readonly #launch: TaskLaunch;
  readonly #events: TaskEvents;
  readonly #containers: RunningContainer[] = [];
  readonly #states = new Map<string, DependencyState>();
  readonly #stopping = new AbortController();
  #asked: StopReason | undefined;
  #ending = false;
  #discarded = false;

  constructor(settings: TaskSettings, launch: TaskLaunch, events: TaskEvents) {
    this.#settings = settings;
    this.#launch = launch;
    this.#events = events;
    this.over = this.#live();
  }

  stop(stopCode: string, stoppedReason: string): void {
    this.#asked ??= { stopCode, stoppedReason };
    this.#stopping.abort();
  }

  /** The simulator is closing: nothing more is reported. */
  discard(): void {
    this.#discarded = true;
    this.#stopping.abort();
  }

  async #live(): Promise<void> {
    let verdict: StopReason;
    let failure: reasons.StartFailure | undefined;
    try {
      await this.#bringUp();
      await this.#end();
      verdict = this.#asked ?? essentialExited;
    } catch (error) {
      failure =
        error instanceof reasons.StartFailure
          ? error
          : new reasons.StartFailure("", `InternalError: ${error}`, error);
      verdict = this.#asked ?? { stopCode: "TaskFailedToStart", stoppedReason: failure.message };
    }
    this.#ending = true;
    const containers = await this.#takeDown(this.#asked ? undefined : failure).catch(() =>
      this.#nothingKnown(),
    );
    if (!this.#discarded) this.#events.stopped({ ...verdict, containers });
    await Promise.allSettled(this.#containers.map((container) => container.remove()));
    const volumes = volumesOf(this.#launch, this.#settings.instance);
    if (volumes.length > 0)
      await this.#settings.docker
        .try(["volume", "rm", "--force", ...volumes])
        .catch(() => undefined);
  }

  async #bringUp(): Promise<void> {
    const { containers } = this.#launch;
    const digests: Record<string, string> = {};
    for (const container of containers) {
      const digest = await this.#pull(container);
      if (digest) digests[container.name] = digest;
    }
    if (!this.#discarded) this.#events.pulled(digests);
    for (const container of startOrder(containers)) {
      if (!(await this.#dependenciesMet(container))) return;
      this.#stopping.signal.throwIfAborted();
      if (!(await this.#start(container))) return;
      const isWaitedFor = containers.some((one) =>
        dependenciesOf(one).some(({ containerName }) => containerName === container.name),
      );
      if (isWaitedFor && !this.#discarded) this.#events.started(container.name);
    }
    const address = await this.#networkOwner()?.address();
    if (this.#discarded) return;
    this.#events.running({
      ...(address ? { privateIpv4Address: address } : {}),
      runtimeIds: Object.fromEntries(this.#containers.map(({ name, id }) => [name, id])),
    });
  }

  /** Returns the digest, if the image has one. */
  async #pull(container: LaunchedContainer): Promise<string | undefined> {
    const { docker, pullBehavior, credentials } = this.#settings;
    const { signal } = this.#stopping;
    const reference = imageReference(container);
    const inspect = ["image", "inspect", "--format", "{{json .}}", reference];
    const cached =
      pullBehavior === "prefer-cached" && (await docker.try(inspect, signal)).code === 0;
    if (!cached) {
      const login = await Promise.resolve(this.#launch)
        .then(credentials)
        .catch((error: unknown) => {
          throw new reasons.StartFailure(
            container.name,
            reasons.describeSignInFailure(error),
            error,
          );
        });
      const { code, stderr } = await withRegistryLogin(docker, login, (mine) =>
        mine.try(["pull", "--quiet", reference], signal),
      );
      if (code !== 0)
        throw new reasons.StartFailure(
          container.name,
          reasons.describePullFailure(reference, stderr),
        );
    }
    const image = JSON.parse(await docker.read(inspect, signal)) as {
      Architecture?: string;
      RepoDigests?: string[];
    };
    const machine = await docker.read(["version", "--format", "{{.Server.Arch}}"], signal);
    if (image.Architecture && image.Architecture !== machine) {
      throw new reasons.StartFailure(container.name, reasons.wrongPlatform(`linux/${machine}`));
    }
    const repository = repositoryOf(reference);
    return image.RepoDigests?.find((one) => repositoryOf(one) === repository)?.split("@")[1];
  }

  /**
   * False when the container that owns the network has exited already: then that is the reason why
   * the task ends.
   */
  async #start(container: LaunchedContainer): Promise<boolean> {
    const { docker } = this.#settings;
    const first = this.#networkOwner();
    const created = await this.#create(container, first);
    if (created.code !== 0) {
      throw new reasons.StartFailure(container.name, reasons.describeCreateFailure(created.stderr));
    }
    const running = new RunningContainer(docker, container, created.stdout.trim());
    this.#containers.push(running);
    const started = await docker.try(["start", running.id]);
    if (started.code !== 0) {
      if (first && (await first.isGone())) return false;
      throw new reasons.StartFailure(container.name, reasons.describeStartFailure(started.stderr));
    }
    running.watch({
      log: (line) => this.#discarded || this.#events.log(container.name, line),
      health: (status) => {
        this.#states.set(container.name, { exitCode: undefined, health: status });
        if (!this.#discarded) this.#events.health(container.name, status);
      },
    });
    void running.exited.then(() => this.#noteExit(running));
    if (!container.essential) void running.exited.then(() => this.#tellExit(running));
    return true;
  }

  /** The first one that others do not wait for to end: all others share its network. */
  #networkOwner(): RunningContainer | undefined {
    const { containers } = this.#launch;
    return this.#containers.find(({ name }) => {
      const launched = containers.find((one) => one.name === name);
      return launched !== undefined && !endsBeforeOthers(launched, containers);
    });
  }

  async #noteExit(container: RunningContainer): Promise<void> {
    const outcome = await container.outcome().catch(() => undefined);
    const { health } = this.#states.get(container.name) ?? {};
    this.#states.set(container.name, { exitCode: outcome?.exitCode ?? 1, health });
  }

  /** False: an essential container has exited meanwhile, and the task ends. */
  async #dependenciesMet(container: LaunchedContainer): Promise<boolean> {
    for (const { containerName = "", condition } of dependenciesOf(container)) {
      for (;;) {
        this.#stopping.signal.throwIfAborted();
        const state = this.#states.get(containerName) ?? { exitCode: undefined, health: undefined };
        const judged = judgeDependency(condition, state);
        if (judged === "met") break;
        if (judged === "failed") {
          const reason = describeFailedDependency(containerName, container.name);
          throw new reasons.StartFailure(container.name, reason);
        }
        const ended = this.#containers.some(
          ({ name, essential }) => essential && this.#states.get(name)?.exitCode !== undefined,
        );
        if (ended) return false;
        await new Promise((resume) => setTimeout(resume, dependencyMilliseconds));
      }
    }
    return true;
  }

  /** Only while the task runs: at its end all are reported together. */
  async #tellExit(container: RunningContainer): Promise<void> {
    const { name, exitCode } = await container
      .outcome()
      .catch(() => ({ name: container.name, exitCode: undefined }));
    if (exitCode !== undefined && !this.#ending && !this.#discarded)
      this.#events.exited(name, exitCode);
  }

  async #create(container: LaunchedContainer, first: RunningContainer | undefined) {
    const { docker, instance, limitCpu } = this.#settings;
    const folder = await mkdtemp(join(tmpdir(), "deploy-ecs-task-"));
    const file = join(folder, "environment");
    try {
      await writeFile(file, environmentFile(container.environment), { mode: 0o600 });
      const names = multiLineNames(container.environment);
      const values = Object.fromEntries(names.map((name) => [name, container.environment[name]]));
      const args = createArguments(this.#launch, container, {
        instance,
        image: imageReference(container),
        network:
          first && !endsBeforeOthers(container, this.#launch.containers)
            ? `container:${first.id}`
            : this.#settings.network,
        environmentFile: file,
        limitCpu,
      });
      return await docker.with(values).try(args);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Waits until an essential container exits, or the task is asked to stop. */
  async #end(): Promise<void> {
    const { signal } = this.#stopping;
    const told = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const exits = this.#containers.filter(({ essential }) => essential).map(({ exited }) => exited);
    await Promise.race([told, ...exits]);
  }

  /** Stops what still runs, and returns how each container ended. */
  async #takeDown(failure: reasons.StartFailure | undefined): Promise<StoppedContainer[]> {
    const ended = await Promise.all(
      this.#containers.map(async (container) => {
        await container.stop(this.#stopTimeout(container.name));
        return container.outcome();
      }),
    );
    return this.#launch.containers.map(({ name }) => {
      const outcome = ended.find((one) => one.name === name) ?? { name };
      return failure?.container === name ? { name, reason: failure.message } : outcome;
    });
  }

  /** The result if the docker command itself cannot be run any more. */
  #nothingKnown(): StoppedContainer[] {
    return this.#launch.containers.map(({ name }) => ({ name }));
  }

  #stopTimeout(name: string): number {
    const definition = this.#launch.containers.find((one) => one.name === name)?.definition as
      | ContainerDefinition
      | undefined;
    return Math.min(
      definition?.stopTimeout ?? defaultStopTimeoutSeconds,
      this.#settings.maximumStopTimeout,
    );
  }
}
