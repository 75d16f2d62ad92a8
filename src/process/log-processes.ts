// The debug log of processes: one line per process, with its program, its arguments without their
// values, its exit code and its duration.

import type { Clock } from "../clock.ts";
import type { StartDetached } from "./detached.ts";
import type { ProcessRequest, ProcessResult, RunProcess } from "./run-process.ts";

type Debug = (line: string) => void;

export function logProcesses(run: RunProcess, clock: Clock, debug: Debug): RunProcess {
  return (request) => logEnd(request, () => run(request), clock, debug);
}

export function logDetached(start: StartDetached, clock: Clock, debug: Debug): StartDetached {
  return (request) => {
    const child = start(request);
    const ended = logEnd(request, () => child.ended, clock, debug);
    return { pid: child.pid, ended, interrupt: child.interrupt };
  };
}

async function logEnd(
  request: ProcessRequest,
  work: () => Promise<ProcessResult>,
  clock: Clock,
  debug: Debug,
): Promise<ProcessResult> {
  const startedAt = clock.now();
  const report = (end: string) =>
    debug(`${describeCommand(request)}: ${end} after ${clock.now() - startedAt} ms`);
  try {
    const result = await work();
    report(result.exitCode === undefined ? "not on this machine" : `exit code ${result.exitCode}`);
    return result;
  } catch (error) {
    report("ended by this step, or not started");
    throw error;
  }
}

/** Flags whose value is a path, a name or a choice, never a secret. */
const plainFlags = new Set([
  "--builder",
  "--file",
  "--format",
  "--metadata-file",
  "--output",
  "--platform",
  "--progress",
  "--provenance",
  "--pull",
  "--sbom",
  "--tag",
  "--target",
  "--tls-verify",
  "--username",
  "-chdir",
  "-input",
  "-lock-timeout",
  "-lockfile",
  "-out",
  "-target",
]);

/**
 * The command line; of `NAME=value` only the name, unless the flag is known to hold no secret, and
 * no password in a URL.
 */
export function describeCommand({
  command,
  arguments: args,
}: Pick<ProcessRequest, "command" | "arguments">): string {
  const words = args.map((argument, index) => {
    if (plainFlags.has(args[index - 1] ?? "")) return argument;
    return hideValue(argument);
  });
  return [command, ...words].map(hideUserInfo).join(" ");
}

function hideValue(argument: string): string {
  const [, flag = "", rest] = argument.match(/^([^=]*)=(.*)$/s) ?? [];
  if (rest === undefined || plainFlags.has(flag)) return argument;
  // `-backend-config=key=value`: the key is useful in the log, and no secret.
  const key = flag.startsWith("-") ? rest.match(/^[\w.-]+=/)?.[0] : undefined;
  return `${flag}=${key ?? ""}***`;
}

function hideUserInfo(word: string): string {
  return word.replace(/:\/\/[^/@\s]+@/g, "://***@");
}
