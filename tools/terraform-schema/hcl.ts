// Terraform files as data: what they say, and what their expressions read and call.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { env, execPath } from "node:process";
import { promisify } from "node:util";

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** One thing that an expression reads (`steps`) or calls (`call`), and the path in `config` where the expression stands. */
export interface Use {
  readonly at: readonly string[];
  readonly steps?: readonly string[];
  readonly call?: string;
}

export interface ParsedFile {
  /** As hcl2json writes it: a block is a list of objects, an expression a text with `${…}`. */
  readonly config: JsonObject;
  readonly uses: readonly Use[];
}

/** Path → text. */
export type Texts = Readonly<Record<string, string>>;

const parser = join(import.meta.dirname, "parse-hcl.mjs");

export async function parseHcl(
  texts: Texts,
): Promise<Readonly<Record<string, ParsedFile | { readonly error: string }>>> {
  const node = await nodeForGo();
  for (let attempt = 1; ; attempt++) {
    try {
      return JSON.parse(await run(node, [parser], JSON.stringify(texts)));
    } catch (error) {
      // It takes a second; a run that takes longer hangs.
      if (attempt === 4 || !(error as { readonly killed?: boolean }).killed) throw error;
    }
  }
}

/** On Node 24 the parser hung in 5 of 60 runs, on Node 20 in none. Packages' scripts have node_modules/.bin first on PATH. */
async function nodeForGo(): Promise<string> {
  const elsewhere = (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  for (const node of elsewhere
    .map((folder) => join(folder, "node"))
    .filter((path) => existsSync(path))) {
    const version = await run(node, ["--version"], "").catch(() => "");
    if (/^v2[0-3]\./.test(version)) return node;
  }
  return execPath;
}

async function run(command: string, args: readonly string[], input: string): Promise<string> {
  const running = promisify(execFile)(command, args, {
    timeout: 15_000,
    killSignal: "SIGKILL",
    maxBuffer: 2 ** 26,
  });
  // A child may end before it has read its stdin: its exit code tells, not the broken pipe.
  running.child.stdin?.on("error", () => {});
  running.child.stdin?.end(input);
  return (await running).stdout;
}
