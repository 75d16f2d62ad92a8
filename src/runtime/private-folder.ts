// A folder of this run for files that must not stay on the runner: passwords, plans in plaintext.

import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

/**
 * Only this user can read it.
 * @param onCreate is called with its name before it is created, so that it can always be removed
 */
export async function makePrivateFolder(
  temporaryFolder: string,
  of: "docker" | "terraform",
  onCreate: (folder: string) => void,
): Promise<string> {
  const folder = join(resolve(temporaryFolder), `deploy-ecs-${of}-${randomUUID().slice(0, 8)}`);
  onCreate(folder);
  await mkdir(resolve(temporaryFolder), { recursive: true });
  await mkdir(folder, { mode: 0o700 });
  return folder;
}
