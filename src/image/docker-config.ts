// A private DOCKER_CONFIG: our registry password never enters the user's own, and is gone with the folder.
//
// The user's registries, credential helpers, contexts, builders and CLI plugins go on working: their config.json is copied with our
// registry beside theirs, and every other entry of their folder is linked. Runs side by side on one machine do not meet.
// https://docs.docker.com/reference/cli/docker/#environment-variables

import { constants } from "node:fs";
import { access, cp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isJsonObject, type JsonObject } from "../json.ts";
import { makePrivateFolder } from "../runtime/private-folder.ts";

export interface DockerConfig {
  /** What DOCKER_CONFIG is set to. */
  readonly folder: string;
  /** The same for buildah, which takes an empty helper for a helper. */
  readonly authFile: string;
  readonly remove: () => Promise<void>;
}

export interface DockerConfigRequest {
  /** The job's environment; DOCKER_CONFIG in it is the user's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** RUNNER_TEMP: emptied by the runner at the end of the job. */
  readonly temporaryFolder: string;
  /** The registry that we sign in to, host and port. */
  readonly registry: string;
  /** Told before the folder is there, so that the post step can remove it if this process is killed. */
  readonly registerForCleanup: (folder: string) => void;
}

/** What fails half-way leaves no folder: it would hold a copy of the user's config.json, with the passwords of other registries. */
export async function createDockerConfig(request: DockerConfigRequest): Promise<DockerConfig> {
  const folder = await makePrivateFolder(
    request.temporaryFolder,
    "docker",
    request.registerForCleanup,
  );
  // What cannot be removed now is left to the post step: an image that was built well is no failure.
  const remove = () => removeDockerConfig(folder).catch(() => {});
  try {
    return { folder, authFile: await populateFolder(folder, request), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Gives the path of the file for buildah. */
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

/** buildx writes into its folder: where the home is read-only it gets a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const writable = await access(from, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (writable || !to.endsWith("/buildx")) await symlink(from, to);
  else await cp(from, to, { recursive: true });
}

/**
 * With an empty helper for our registry, docker keeps our password in this file: without any helper it looks for the platform's own,
 * and would leave the password in the machine's keychain.
 */
function withCredentialHelper(
  config: JsonObject,
  registry: string,
  helper: "" | undefined,
): JsonObject {
  const { [registry]: _, ...others } = isJsonObject(config.credHelpers) ? config.credHelpers : {};
  return {
    ...config,
    credHelpers: helper === undefined ? others : { ...others, [registry]: helper },
  };
}

async function listEntries(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // no such folder, or not ours to read: docker itself goes on without it, too
  }
}

/** The user's own config.json; {} where there is none that can be read. */
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
    const config: unknown = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
    return isJsonObject(config) ? config : {};
  } catch {
    return {};
  }
}
