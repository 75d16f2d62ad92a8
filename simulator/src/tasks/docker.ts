// The docker command, run with argument lists and never through a shell.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface DockerOptions {
  /** Default: `docker`. */
  readonly command?: string;
  /** Whole environment of the command. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

interface DockerResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A docker command that runs until what it follows ends. */
export interface FollowOptions {
  /** Resolves when the command has ended and its last line was passed on; never rejects. */
  readonly ended: Promise<void>;
  end(): void;
}

/** docker failed. */
class DockerError extends Error {
  override readonly name = "DockerError";
  readonly stderr: string;
  constructor(args: readonly string[], { code, stderr }: DockerResult) {
    super(`docker ${args[0]} ended with status ${code}: ${stderr.trim()}`);
    this.stderr = stderr;
  }
}

export class Docker {
  readonly #command: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor({ command = "docker", env = process.env }: DockerOptions = {}) {
    this.#command = command;
    this.#env = env;
  }

  /** The same docker with more variables in its environment. */
  with(env: NodeJS.ProcessEnv): Docker {
    return new Docker({ command: this.#command, env: { ...this.#env, ...env } });
  }

  /**
   * Standard output without its last line end; throws a DockerError if the exit status is not 0.
   */
  async read(args: readonly string[], signal?: AbortSignal): Promise<string> {
    const result = await this.try(args, signal);
    if (result.code !== 0) throw new DockerError(args, result);
    return result.stdout.trimEnd();
  }

  /** Throws only where the command cannot be run at all, or was aborted. */
  async try(args: readonly string[], signal?: AbortSignal): Promise<DockerResult> {
    const child = this.#spawn(args, signal);
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    return { code: code ?? 1, stdout, stderr };
  }

  /** Passes on each line of both outputs when it arrives. */
  follow(args: readonly string[], line: (text: string) => void): FollowOptions {
    const child = this.#spawn(args);
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", line);
    const ended = once(child, "close").then(
      () => undefined,
      () => undefined,
    );
    return { ended, end: () => child.kill() };
  }

  /** The engine's address, for a docker that cannot read it from the user's own configuration. */
  async host(): Promise<string> {
    const host = this.#env["DOCKER_HOST"];
    return host
      ? host
      : this.read(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]);
  }

  #spawn(args: readonly string[], signal?: AbortSignal) {
    return spawn(this.#command, args, {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal ? { signal } : {}),
    }) satisfies ChildProcess;
  }
}

async function text(stream: Readable): Promise<string> {
  let all = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream) all += chunk;
  return all;
}
