// The only room that starts processes: argument arrays, never a shell; a cancel is passed on to the
// child; the last lines of stderr are kept.

import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { isDeepStrictEqual } from "node:util";
import { exec } from "@actions/exec";
import type { Clock } from "../clock.ts";
import { splitLines } from "./lines.ts";

export interface ProcessRequest {
  readonly command: string;
  readonly arguments: readonly string[];
  /** The whole environment of the child. */
  readonly environment: Readonly<Record<string, string>>;
  /** Written to stdin: for secrets, because other processes can see arguments and environment. */
  readonly input?: string;
  /** Called for every line of stdout and stderr when it is written. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Ends only this child; the run then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ProcessResult {
  /** undefined: this machine does not have the command. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  /** The last lines of stderr, which usually contain the reason. */
  readonly stderrTail: readonly string[];
}

/**
 * Runs one process to its end. Never rejects for an exit code; rejects when the run is cancelled.
 */
export type RunProcess = (request: ProcessRequest) => Promise<ProcessResult>;

const maxStderrTailLines = 40;

/**
 * A child that has not ended within this time after SIGTERM is killed. The runner allows 10 s in
 * all.
 */
const killAfterMilliseconds = 4_000;

/**
 * A child that has ended may leave a child of its own that keeps our pipes open; its output is not
 * waited for any longer than this.
 */
const pipesCloseWithinMilliseconds = 2_000;

/**
 * On cancel the runner signals only this process, not its children; `signal` is passed on to them
 * here. @actions/exec does not return its child, so Node's own channel reports it.
 * https://nodejs.org/api/diagnostics_channel.html#child-process
 */
export function createProcessRunner(cancelled: AbortSignal): RunProcess {
  return async ({
    command,
    arguments: args,
    environment,
    input,
    onLine,
    signal: requestSignal,
  }) => {
    const signal = requestSignal ? AbortSignal.any([cancelled, requestSignal]) : cancelled;
    signal.throwIfAborted();
    const stderrTail: string[] = [];
    let stdout = "";
    const outLines = splitLines((line) => onLine?.(line));
    const errLines = splitLines((line) => {
      stderrTail.push(line);
      if (stderrTail.length > maxStderrTailLines) stderrTail.shift();
      onLine?.(line);
    });
    const children = forwardAbortToChildren(signal, args);
    try {
      // exec splits the command at blanks, and a path may contain some.
      const exitCode = await exec(`"${command}"`, [...args], {
        env: { ...environment },
        silent: true,
        ignoreReturnCode: true,
        delay: pipesCloseWithinMilliseconds,
        ...(input !== undefined && { input: Buffer.from(input) }),
        listeners: {
          stdout: (data) => {
            stdout += outLines.push(data);
          },
          stderr: (data) => void errLines.push(data),
        },
      });
      outLines.flush();
      errLines.flush();
      signal.throwIfAborted();
      return { exitCode, stdout, stderrTail };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Error && error.message.startsWith("Unable to locate executable file"))
        return { exitCode: undefined, stdout: "", stderrTail: [] };
      throw error;
    } finally {
      children.release();
    }
  };
}

/** Only children with our arguments: another run may start its own child at the same time. */
function forwardAbortToChildren(
  signal: AbortSignal,
  args: readonly string[],
): { readonly release: () => void } {
  const children = new Set<ChildProcess>();
  const timers: NodeJS.Timeout[] = [];
  const kill = (name: NodeJS.Signals) => {
    for (const child of children)
      if (isDeepStrictEqual(child.spawnargs.slice(1), args)) child.kill(name);
  };
  const onSpawn = (message: unknown) => {
    const child = (message as { process: ChildProcess }).process;
    children.add(child);
    // A child may end before it has read its stdin. Its exit code is reported; the broken pipe must
    // not end this process.
    child.once("spawn", () => child.stdin?.on("error", () => {}));
    child.once("exit", () => children.delete(child));
  };
  const abort = () => {
    kill("SIGTERM");
    timers.push(setTimeout(() => kill("SIGKILL"), killAfterMilliseconds));
  };
  subscribe("child_process", onSpawn);
  signal.addEventListener("abort", abort, { once: true });
  return {
    release() {
      unsubscribe("child_process", onSpawn);
      signal.removeEventListener("abort", abort);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** The exit code of timeout(1). */
const timedOutExitCode = 124;

export interface TimeLimit {
  readonly milliseconds: number;
  /** What must happen within the limit. */
  readonly until: "end" | "first line";
}

/**
 * The same runner with a time limit: a child that exceeds it is ended, and the last line of its
 * stderr says so. A Docker engine may accept a connection and never answer, and its client has no
 * limit.
 */
export function withTimeLimit(
  run: RunProcess,
  { milliseconds, until }: TimeLimit,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): RunProcess {
  return async (request) => {
    const limit = new AbortController();
    const settledLimit = new AbortController();
    clock.sleep(milliseconds, AbortSignal.any([signal, settledLimit.signal])).then(
      () => limit.abort(),
      () => {},
    );
    const onLine = (line: string) => {
      if (until === "first line") settledLimit.abort();
      request.onLine?.(line);
    };
    try {
      return await run({ ...request, onLine, signal: limit.signal });
    } catch (error) {
      if (signal.aborted || !limit.signal.aborted) throw error;
      const reason =
        `\`${request.command} ${request.arguments[0] ?? ""}\` timed out: no answer within ` +
        `${milliseconds / 1000} s`;
      request.onLine?.(reason);
      return { exitCode: timedOutExitCode, stdout: "", stderrTail: [reason] };
    } finally {
      settledLimit.abort();
    }
  };
}

/**
 * Children need neither our inputs, which may contain secrets, nor the permission to request OIDC
 * tokens.
 */
export function environmentForChildren(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !/^(INPUT_|ACTIONS_ID_TOKEN_REQUEST_)/.test(entry[0]),
    ),
  );
}
