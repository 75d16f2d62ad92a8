// The text of dist/licenses.txt: every package of which a module is in the bundle, with the licence that its author ships.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
}

/** @param modules absolute paths; those of our own sources count for nothing */
export function licensesOf(modules: readonly string[]): string {
  const folders = new Set(modules.filter(isOfPackage).map(packageFolder));
  const licenses = [...folders].map((folder) => {
    const { name = "", version, license = "" } = manifestOf(folder);
    if (license === "") throw new Error(`${name} has no license in its package.json.`);
    const heading = `${name} ${version}\n${license}\n`;
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) return heading;
    return `${heading}\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return licenses.sort().join("\n\n").replaceAll("\r\n", "\n");
}

function isOfPackage(module: string): boolean {
  return /[\\/]node_modules[\\/]/.test(module);
}

/** Some packages have a package.json without a name in the folder of their ES modules. */
function packageFolder(path: string): string {
  const folder = dirname(path);
  if (existsSync(join(folder, "package.json")) && manifestOf(folder).name) return folder;
  return packageFolder(folder);
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
