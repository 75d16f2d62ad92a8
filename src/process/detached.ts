// Starts a process that outlives this one: in a process group of its own, with its output in a
// file. For Terraform, which must not be killed while it applies changes: the runner kills the
// processes of a cancelled step after ten seconds, and a closed output pipe would end it, too.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readSync } from "node:fs";
import { splitLines } from "./lines.ts";
import type { ProcessRequest, ProcessResult } from "./run-process.ts";

export interface DetachedRequest extends ProcessRequest {
  /** Gets stdout and stderr in the order in which they are written. */
  readonly logFile: string;
  /** Gets stderr if the two must be separate. */
  readonly errorFile?: string | undefined;
}

export interface DetachedProcess {
  /** undefined: this machine does not have the command. */
  readonly pid: number | undefined;
  /**
   * Resolves at its end. `stderrTail` has the last lines of both streams, unless stderr has a file
   * of its own.
   */
  readonly ended: Promise<ProcessResult>;
  /**
   * Sends one SIGINT to its process group, and stops waiting for it. A second SIGINT would make
   * Terraform lose its state.
   */
  readonly interrupt: () => void;
}

export type StartDetached = (request: DetachedRequest) => DetachedProcess;

/** Lines are reported within this time after they were written. */
const readEveryMilliseconds = 250;

const tailLines = 60;

export const startDetached: StartDetached = ({
  command,
  arguments: args,
  environment,
  logFile,
  errorFile = logFile,
  onLine,
}) => {
  const output = openSync(logFile, "w", 0o600);
  const errors = errorFile === logFile ? output : openSync(errorFile, "w", 0o600);
  const child = spawn(command, [...args], {
    detached: true,
    env: { ...environment },
    stdio: ["ignore", output, errors],
  });
  for (const file of new Set([output, errors])) closeSync(file);
  const tails = [...new Set([logFile, errorFile])].map((file) => tailFile(file, onLine));
  const read = () => {
    const outputs = tails.map((follower) => follower.end());
    return { stdout: outputs[0]?.stdout ?? "", stderrTail: outputs.at(-1)?.tail ?? [] };
  };
  const ended = waitForExit(child).then((exitCode) => ({ exitCode, ...read() }));
  return {
    pid: child.pid,
    ended,
    interrupt() {
      read();
      child.unref();
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
    },
  };
};

async function waitForExit(child: ReturnType<typeof spawn>): Promise<number | undefined> {
  try {
    const [exitCode, signal] = (await once(child, "exit")) as [
      number | null,
      NodeJS.Signals | null,
    ];
    return exitCode ?? 128 + (signal === "SIGKILL" ? 9 : 15);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Reports the lines of a growing file. */
function tailFile(path: string, onLine: ((line: string) => void) | undefined) {
  const tail: string[] = [];
  let stdout = "";
  let position = 0;
  let ended = false;
  const lines = splitLines((line) => {
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
    onLine?.(line);
  });
  const file = openSync(path, "r");
  const chunk = Buffer.alloc(65_536);
  const read = () => {
    for (;;) {
      const size = readSync(file, chunk, 0, chunk.length, position);
      if (size === 0) return;
      position += size;
      stdout += lines.push(Buffer.from(chunk.subarray(0, size)));
    }
  };
  const timer = setInterval(read, readEveryMilliseconds);
  return {
    /** Its text, and its last lines. */
    end(): { readonly stdout: string; readonly tail: readonly string[] } {
      if (!ended) {
        ended = true;
        clearInterval(timer);
        read();
        lines.flush();
        closeSync(file);
      }
      return { stdout, tail };
    },
  };
}
