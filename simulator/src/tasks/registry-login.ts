// Signs in to a registry for one pull, without changing the machine's own Docker configuration.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Docker } from "./docker.ts";

export interface RegistryCredentials {
  /** `host:port`, as in the image's name. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Gives `work` a docker that has these credentials and no others: as on Fargate, a pull uses the
 * execution role's credentials, not those of the machine's user. The file with them (mode 0600,
 * folder 0700) is removed after the work.
 */
export async function withRegistryLogin<T>(
  docker: Docker,
  credentials: RegistryCredentials | undefined,
  work: (docker: Docker) => Promise<T>,
): Promise<T> {
  // The user's configuration may define the engine, so its address is read before the configuration
  // is hidden.
  const host = await docker.host();
  const folder = await mkdtemp(join(tmpdir(), "deploy-ecs-pull-"));
  try {
    await writeFile(join(folder, "config.json"), configuration(credentials), { mode: 0o600 });
    return await work(docker.with({ DOCKER_CONFIG: folder, DOCKER_HOST: host }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configuration(credentials: RegistryCredentials | undefined): string {
  if (!credentials) return "{}";
  const { registry, username, password } = credentials;
  return JSON.stringify({
    auths: { [registry]: { auth: Buffer.from(`${username}:${password}`).toString("base64") } },
  });
}
