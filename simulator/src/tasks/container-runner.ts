// The task runner with real containers on the machine's Docker engine. Behaviour: ../README.md.

import { randomBytes } from "node:crypto";
import type { TaskEvents, TaskHandle, TaskLaunch, TaskRunner } from "../contract.ts";
import { ContainerTask, type TaskSettings } from "./container-task.ts";
import { Docker, type DockerOptions } from "./docker.ts";
import { instanceLabel } from "./docker-arguments.ts";

export interface ContainerRunnerOptions {
  readonly docker?: DockerOptions;
  /**
   * Credentials for pulling a task's images, requested before each pull; none: pulled without. An
   * error that it throws becomes the stopped reason: use it to simulate a denied execution role.
   */
  readonly credentials?: TaskSettings["credentials"];
  /**
   * `prefer-cached` uses an image that the engine already has. Default: `always`, as on Fargate.
   */
  readonly pullBehavior?: TaskSettings["pullBehavior"];
  /** Docker network of the tasks. Default: `bridge`. */
  readonly network?: string;
  /** Seconds; limits the time between SIGTERM and SIGKILL, whatever the definition says. */
  readonly maximumStopTimeout?: number;
  /** The task's `cpu` limits each container. Default: false, so that tests are not slowed down. */
  readonly limitCpu?: boolean;
  /** Value of the label `deploy-ecs.simulator`. Default: random. */
  readonly instance?: string;
}

export interface ContainerRunner extends TaskRunner {
  /** Value of the label `deploy-ecs.simulator` on each container of this runner. */
  readonly instance: string;
  /**
   * Removes every container of this runner; their tasks report nothing more, and no new ones can be
   * started.
   */
  close(): Promise<void>;
}

export function containerRunner(options: ContainerRunnerOptions = {}): ContainerRunner {
  const docker = new Docker(options.docker);
  const instance = options.instance ?? randomBytes(4).toString("hex");
  const tasks = new Set<ContainerTask>();
  let closing: Promise<void> | undefined;
  const settings: TaskSettings = {
    docker,
    instance,
    credentials: options.credentials ?? (() => undefined),
    pullBehavior: options.pullBehavior ?? "always",
    network: options.network ?? "bridge",
    maximumStopTimeout: options.maximumStopTimeout ?? Number.POSITIVE_INFINITY,
    limitCpu: options.limitCpu ?? false,
  };
  const closeAll = async () => {
    for (const task of tasks) task.discard();
    await removeAll(docker, instance); // at once, without stop timeouts
    await Promise.all([...tasks].map((task) => task.over));
    await removeAll(docker, instance); // containers that were created meanwhile
  };
  return {
    instance,
    start(launch: TaskLaunch, events: TaskEvents): TaskHandle {
      if (closing !== undefined) throw new Error("this container runner is closed");
      const task = new ContainerTask(settings, launch, events);
      tasks.add(task);
      void task.over.then(() => tasks.delete(task));
      return task;
    },
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
}

async function removeAll(docker: Docker, instance: string): Promise<void> {
  const { stdout } = await docker.try([
    "ps",
    "--all",
    "--quiet",
    "--filter",
    `label=${instanceLabel}=${instance}`,
  ]);
  const ids = stdout.split("\n").filter((id) => id !== "");
  if (ids.length > 0) await docker.try(["rm", "--force", "--volumes", ...ids]);
  const filter = ["--quiet", "--filter", `label=${instanceLabel}=${instance}`];
  const volumes = (await docker.try(["volume", "ls", ...filter])).stdout
    .split("\n")
    .filter(Boolean);
  if (volumes.length > 0) await docker.try(["volume", "rm", "--force", ...volumes]);
}
