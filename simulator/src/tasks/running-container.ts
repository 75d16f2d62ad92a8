// One real container from its creation to its removal.

import type { LaunchedContainer, StoppedContainer } from "../contract.ts";
import type { Docker, FollowOptions } from "./docker.ts";
import { outOfMemoryReason } from "./docker-reasons.ts";

interface ContainerListener {
  log(line: string): void;
  health(status: "HEALTHY" | "UNHEALTHY"): void;
}

interface State {
  readonly Status: string;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
}

/**
 * Lines that the engine still has when a container has exited are waited for, but not longer than
 * this.
 */
const logDrainMilliseconds = 2_000;

export class RunningContainer {
  readonly name: string;
  readonly essential: boolean;
  readonly id: string;
  readonly #docker: Docker;
  readonly #checked: boolean;
  #exited: Promise<void> = Promise.resolve();
  #watched = false;

  constructor(docker: Docker, container: LaunchedContainer, id: string) {
    this.name = container.name;
    this.essential = container.essential;
    this.id = id;
    this.#docker = docker;
    this.#checked = container.definition["healthCheck"] !== undefined;
  }

  /** The container has exited and its last line was reported; never rejects. */
  get exited(): Promise<void> {
    return this.#exited;
  }

  /** To be called once, when the container was started. */
  watch(listener: ContainerListener): void {
    this.#watched = true;
    const logs = this.#docker.follow(["logs", "--follow", this.id], (line) => listener.log(line));
    const health = this.#checked ? this.#followHealth(listener) : undefined;
    this.#exited = this.#untilExit(logs, health);
  }

  /** Its address, if it still runs. */
  async address(): Promise<string | undefined> {
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const { code, stdout } = await this.#docker.try(["inspect", "--format", format, this.id]);
    return code === 0 ? stdout.trim() || undefined : undefined;
  }

  async isGone(): Promise<boolean> {
    return (await this.#state())?.Status !== "running";
  }

  /** SIGTERM (or the image's STOPSIGNAL), and SIGKILL after this many seconds. */
  async stop(seconds: number): Promise<void> {
    if (!this.#watched) return;
    // Does nothing if it has already exited.
    await this.#docker.try(["stop", "-t", String(seconds), this.id]);
    await this.#exited;
  }

  /** After `stop`. */
  async outcome(): Promise<StoppedContainer> {
    const { name } = this;
    const state = this.#watched ? await this.#state() : undefined;
    if (!state) return { name };
    const outOfMemory = state.OOMKilled && state.ExitCode === 137;
    return {
      name,
      exitCode: state.ExitCode,
      ...(outOfMemory ? { reason: outOfMemoryReason } : {}),
    };
  }

  async remove(): Promise<void> {
    await this.#docker.try(["rm", "--force", "--volumes", this.id]);
  }

  #followHealth(listener: ContainerListener): FollowOptions {
    const filters = ["--filter", `container=${this.id}`, "--filter", "event=health_status"];
    // From the beginning: events before this call are reported as well.
    return this.#docker.follow(
      ["events", "--since", "0", ...filters, "--format", "{{.Action}}"],
      (line) => {
        const status = /^health_status: (healthy|unhealthy)$/.exec(line)?.[1];
        if (status) listener.health(status === "healthy" ? "HEALTHY" : "UNHEALTHY");
      },
    );
  }

  async #untilExit(logs: FollowOptions, health: FollowOptions | undefined): Promise<void> {
    await this.#docker.follow(["wait", this.id], () => undefined).ended;
    health?.end();
    const patience = setTimeout(() => logs.end(), logDrainMilliseconds);
    await Promise.all([logs.ended, health?.ended]);
    clearTimeout(patience);
  }

  async #state(): Promise<State | undefined> {
    const { code, stdout } = await this.#docker.try([
      "inspect",
      "--format",
      "{{json .State}}",
      this.id,
    ]);
    return code === 0 ? (JSON.parse(stdout) as State) : undefined;
  }
}
