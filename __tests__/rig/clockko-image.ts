// Clockko's backend as an image, where no registry can be asked for a base: on the local base of script/base-image.

import { execFile, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const script = join(root, "script/base-image");
const run = promisify(execFile);

/** What Clockko's image is built on here. */
const baseImage = "deploy-ecs/clockko-base";

export const backendFolder = join(root, "examples/clockko/backend");

/** Build arguments with which its Dockerfile takes the local base instead of the public one. */
export const localBase = {
  BASE_IMAGE: baseImage,
  REQUIREMENTS: "requirements-debian.txt",
} as const;

export function baseImagePossible(): boolean {
  return spawnSync(script, ["--check"]).status === 0;
}

/** Puts the base into the engine: a minute the first time, then seconds. */
export async function makeBaseImage(): Promise<void> {
  await run(script, [baseImage]);
}
