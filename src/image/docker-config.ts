// A private DOCKER_CONFIG: our registry password never enters the user's own, and is gone with the folder.
//
// The user's registries, credential helpers, contexts, builders and CLI plugins go on working: their config.json is copied with our
// registry beside theirs, and every other entry of their folder is linked. Runs side by side on one machine do not meet.
// https://docs.docker.com/reference/cli/docker/#environment-variables

import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isJsonObject, type JsonObject } from "../json.ts";

export interface DockerConfig {
  /** What DOCKER_CONFIG is set to. */
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

export interface DockerConfigRequest {
  /** The job's environment; DOCKER_CONFIG in it is the user's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** RUNNER_TEMP: emptied by the runner at the end of the job. */
  readonly temporaryFolder: string;
  /** The registry that we sign in to, host and port. */
  readonly registry: string;
}

export async function createDockerConfig({
  environment,
  temporaryFolder,
  registry,
}: DockerConfigRequest): Promise<DockerConfig> {
  const own = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), ".docker");
  await mkdir(temporaryFolder, { recursive: true });
  const folder = await mkdtemp(join(temporaryFolder, "deploy-ecs-docker-"));
  for (const name of await entriesOf(own)) {
    if (name !== "config.json") await symlink(join(own, name), join(folder, name));
  }
  await writeFile(join(folder, "config.json"), JSON.stringify(mergedConfig(await readConfig(own), registry), null, 2), {
    mode: 0o600,
  });
  return { folder, remove: () => removeDockerConfig(folder) };
}

/** Removes links, never what they point to. Safe to call twice. */
export async function removeDockerConfig(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/**
 * The user's config with every credential helper kept but for our registry: an empty helper makes docker keep our password in this
 * file instead of the machine's keychain, where it would stay behind. Also where no helper is configured: docker then looks for one
 * by itself. https://github.com/docker/cli/blob/master/cli/config/credentials/default_store.go
 */
function mergedConfig(config: JsonObject, registry: string): JsonObject {
  const helpers = isJsonObject(config.credHelpers) ? config.credHelpers : {};
  return { ...config, credHelpers: { ...helpers, [registry]: "" } };
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // no such folder, or not ours to read: docker itself goes on without it, too
  }
}

async function readConfig(folder: string): Promise<JsonObject> {
  try {
    const config: unknown = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
    return isJsonObject(config) ? config : {};
  } catch {
    return {};
  }
}
