// An AWS CLI, asked as a user asks it, with the simulator's root keys.

import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { temporaryFolder } from "./deployment.ts";

const run = promisify(execFile);

/** Debian's. */
export const debianAws = "/usr/bin/aws";

export const installed = (command: string): boolean =>
  spawnSync(command, ["--version"]).error === undefined;

export interface AwsCli {
  /** What it prints; throws with its error output where it fails. */
  ask(...args: readonly string[]): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
  askJson(...args: readonly string[]): Promise<any>;
}

export function awsCli(command: string, url: string, region = "us-east-1"): AwsCli {
  const keys = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_PAGER: "" };
  const place = ["--endpoint-url", url, "--region", region, "--output", "json"];
  const ask = async (...args: readonly string[]) => {
    const env = { ...process.env, HOME: await temporaryFolder(), ...keys };
    const { stdout } = await run(command, [...place, ...args], { env, timeout: 90_000 });
    return stdout;
  };
  return { ask, askJson: async (...args) => JSON.parse((await ask(...args)) || "{}") };
}
