// What anybody on the machine can see of a process while it runs, and what can be found afterwards.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Seen {
  /** Every argument list, its words joined by blanks. */
  readonly commands: ReadonlySet<string>;
  /** Every environment that we were allowed to read. */
  readonly environments: ReadonlySet<string>;
}

/** Reads every process of this machine about fifty times a second during `work`. */
export async function watchProcesses<Result>(
  work: () => Promise<Result>,
): Promise<Seen & { readonly result: Result }> {
  const commands = new Set<string>();
  const environments = new Set<string>();
  const timer = setInterval(() => {
    for (const { pid, command } of processes()) {
      commands.add(command);
      environments.add(procText(pid, "environ"));
    }
  }, 20);
  try {
    return { result: await work(), commands, environments };
  } finally {
    clearInterval(timer);
  }
}

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

export function processes(): readonly RunningProcess[] {
  return readdirSync("/proc").flatMap((name) => {
    const command = /^\d+$/.test(name) ? procText(name, "cmdline") : "";
    if (command === "") return []; // a thread of the kernel, a zombie, or gone already
    return {
      pid: Number(name),
      parent: Number(procText(name, "stat").match(/\) \S (\d+)/)?.[1]),
      command,
    };
  });
}

/** The processes below one, children of children too. */
export function descendants(pid: number, all = processes()): readonly RunningProcess[] {
  return all
    .filter(({ parent }) => parent === pid)
    .flatMap((child) => [child, ...descendants(child.pid, all)]);
}

function procText(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ").trimEnd();
  } catch {
    return ""; // has ended, or is not ours to read
  }
}

/** Text to search, by the name of the place where it was found. */
export type Places = Readonly<Record<string, string>>;

/** Every file below a folder, by its path. */
export function filesBelow(folder: string): Places {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, "latin1")]));
}

/** The places that hold a secret. */
export function leaks(secrets: readonly string[], places: Places): readonly string[] {
  return Object.keys(places).filter((place) =>
    secrets.some((secret) => places[place]?.includes(secret)),
  );
}
