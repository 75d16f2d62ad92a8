// A private DOCKER_CONFIG: our registry password is never written to the user's own, and is deleted
// with the folder.
//
// The user's registries, credential helpers, contexts, builders and CLI plugins keep working: their
// config.json is copied with our registry added, and every other entry of their folder is linked.
// Concurrent runs on one machine do not share a folder.
// https://docs.docker.com/reference/cli/docker/#environment-variables

import { constants } from "node:fs";
import { access, cp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type JsonObject, objectOf, parseJsonObject } from "../json.ts";
import { makePrivateFolder } from "../runtime/private-folder.ts";

interface DockerConfig {
  /** Value of DOCKER_CONFIG. */
  readonly folder: string;
  /** The credentials file for buildah, which would call an empty helper. */
  readonly authFile: string;
  readonly remove: () => Promise<void>;
}

interface DockerConfigRequest {
  /** The job's environment; DOCKER_CONFIG in it is the user's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** RUNNER_TEMP: the runner empties it at the end of the job. */
  readonly temporaryFolder: string;
  /** The registry that we sign in to, host and port. */
  readonly registry: string;
  /**
   * Called before the folder is created, so that the post step can remove it if this process is
   * killed.
   */
  readonly registerForCleanup: (folder: string) => void;
}

/**
 * Removes the folder if anything fails: it holds a copy of the user's config.json, with the
 * passwords of other registries.
 */
export async function createDockerConfig(request: DockerConfigRequest): Promise<DockerConfig> {
  const folder = await makePrivateFolder(
    request.temporaryFolder,
    "docker",
    request.registerForCleanup,
  );
  // A folder that cannot be removed now is left to the post step: it must not fail a successful
  // build.
  const remove = () => removeDockerConfig(folder).catch(() => {});
  try {
    return { folder, authFile: await populateFolder(folder, request), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Returns the path of buildah's credentials file. */
async function populateFolder(
  folder: string,
  { environment, registry }: DockerConfigRequest,
): Promise<string> {
  const userFolder = userDockerFolder(environment);
  for (const name of await listEntries(userFolder)) {
    if (name !== "config.json") await linkOrCopy(join(userFolder, name), join(folder, name));
  }
  const config = await parseDockerConfig(userFolder);
  const authFile = join(folder, "deploy-ecs-auth.json");
  const write = (file: string, content: JsonObject) =>
    writeFile(file, JSON.stringify(content, null, 2), { mode: 0o600 });
  await write(join(folder, "config.json"), withCredentialHelper(config, registry, ""));
  await write(authFile, withCredentialHelper(config, registry, undefined));
  return authFile;
}

/** Removes links, never what they point to. Safe to call twice. */
export async function removeDockerConfig(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** buildx writes to its folder: if the home directory is read-only, it gets a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const writable = await access(from, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (writable || !to.endsWith("/buildx")) await symlink(from, to);
  else await cp(from, to, { recursive: true });
}

/**
 * With an empty helper for our registry, docker keeps our password in this file. Without any helper
 * it uses the platform's default, and the password would stay in the machine's keychain.
 */
function withCredentialHelper(
  config: JsonObject,
  registry: string,
  helper: "" | undefined,
): JsonObject {
  const { [registry]: _, ...others } = objectOf(config.credHelpers);
  return {
    ...config,
    credHelpers: helper === undefined ? others : { ...others, [registry]: helper },
  };
}

async function listEntries(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // no such folder, or it is not readable: docker itself continues without it, too
  }
}

/** The user's own config.json; {} if there is none or it is not readable. */
export function readUserDockerConfig(
  environment: DockerConfigRequest["environment"],
): Promise<JsonObject> {
  return parseDockerConfig(userDockerFolder(environment));
}

function userDockerFolder(environment: DockerConfigRequest["environment"]): string {
  return environment.DOCKER_CONFIG || join(environment.HOME || homedir(), ".docker");
}

async function parseDockerConfig(folder: string): Promise<JsonObject> {
  try {
    return parseJsonObject(await readFile(join(folder, "config.json"), "utf8"));
  } catch {
    return {};
  }
}
