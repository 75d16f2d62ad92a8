// The only room that starts processes: argument arrays, never a shell; cancel reaches the child;
// the tail of stderr is kept.

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
  /** Written to stdin: where secrets go, for arguments and environment can be seen by others. */
  readonly input?: string;
  /** Called for every line of stdout and stderr as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Ends this child alone; the run then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ProcessResult {
  /** undefined: the command is not on this machine. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  /** The last lines of stderr, where the reason usually stands. */
  readonly stderrTail: readonly string[];
}

/**
 * Runs one process to its end. Never rejects for an exit code; rejects when the run is cancelled.
 */
export type RunProcess = (request: ProcessRequest) => Promise<ProcessResult>;

const maxStderrTailLines = 40;

/**
 * A child that does not go within this time after SIGTERM is killed. The runner leaves us 10 s in
 * all.
 */
const killAfterMilliseconds = 4_000;

/**
 * A child that is gone may leave one of its own behind, which holds our pipes; its last words are
 * not waited for any longer.
 */
const pipesCloseWithinMilliseconds = 2_000;

/**
 * On cancel the runner signals this process only, not its children; `signal` is passed on to them
 * here.
 * @actions/exec does not give its child away, so we hear of it through Node's own channel.
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
      // exec splits the command at blanks, and a path may have some.
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

/** Those with our arguments: another run may start a child of its own at the same time. */
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
    // A child may end before it has read its stdin. Its exit code tells; the broken pipe must not
    // end this process.
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
  /** What has to come within the limit. */
  readonly until: "end" | "first line";
}

/**
 * The same runner with a limit: a child that exceeds it is ended, and the last line of its stderr
 * says so. A Docker engine may accept a connection and never answer; its client waits for ever.
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

/** Children need neither our inputs, where secrets may be, nor the right to ask for OIDC tokens. */
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
