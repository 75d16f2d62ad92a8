// An AWS CLI, asked as a user asks it, with the simulator's root keys.

import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { temporaryFolder } from "./deployment.ts";

const run = promisify(execFile);

/** Debian's. */
export const debianAws = "/usr/bin/aws";

export const installed = (command: string): boolean =>
  spawnSync(command, ["--version"]).error === undefined;

/**
 * Whether `aws` sends its requests to AWS_ENDPOINT_URL: an older one sends them to AWS.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function readsEndpointFromEnvironment(): boolean {
  const { stdout } = spawnSync("aws", ["--version"], { encoding: "utf8" });
  const [, major = "0", minor = "0"] = /aws-cli\/(\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  const firstMinor = { "1": 29, "2": 13 }[major];
  return firstMinor !== undefined && Number(minor) >= firstMinor;
}

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
