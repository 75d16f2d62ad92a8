// A folder of this run for what must not stay on the runner: passwords, plans in clear text.

import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

/**
 * Only this user may look into it.
 * @param onCreate hears its name before it is there, so that no moment is left in which it could
 * stay behind
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
