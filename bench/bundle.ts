// How much JavaScript a job downloads: the bytes of every .js file in dist/, as script/build last wrote it.

import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

export const dist = resolve(import.meta.dirname, "../dist");

export function bundleBytes(): number {
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".js"),
  );
  return files.reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
}
