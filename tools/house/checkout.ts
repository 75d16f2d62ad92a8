// Reads a checkout of this repository: its sources, who imports them, and the size of its bundles.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, matchesGlob, posix, relative } from "node:path";
import type { Packages } from "./imports.ts";
import { isTest } from "./names.ts";
import { parse, type Source } from "./source.ts";

export interface Tree {
  /** The folder that the sources are in, from the root of the repository. */
  readonly root: string;
  readonly sources: readonly Source[];
}

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

export interface Checkout {
  readonly src: Tree;
  readonly simulator: Tree;
  /** Every TypeScript and JavaScript file that may import the sources, themselves included. */
  readonly users: readonly Source[];
  readonly packages: Packages;
  readonly isEntry: (path: string) => boolean;
  readonly bundles: readonly Bundle[];
}

const folders = ["src", "simulator", "script", "tools", "bench", "examples", "__tests__"];
const skipped = /(^|\/)(node_modules|dist|build|corpus)(\/|$)/;

export function readCheckout(folder: string): Checkout {
  const users = folders
    .flatMap((name) => pathsIn(folder, name))
    .filter((path) => /\.(ts|mjs|js)$/.test(path))
    .map((path) => parse(path, readFileSync(join(folder, path), "utf8")));
  return {
    src: treeOf("src", users),
    simulator: treeOf(
      existsSync(join(folder, "simulator/src")) ? "simulator/src" : "simulator",
      users,
    ),
    users,
    packages: readPackages(folder),
    isEntry: readEntries(folder),
    bundles: pathsIn(folder, "dist", /^$/).map((path) => ({
      file: path,
      bytes: statSync(join(folder, path)).size,
    })),
  };
}

function treeOf(root: string, users: readonly Source[]): Tree {
  const sources = users.filter(
    ({ path }) => path.startsWith(`${root}/`) && path.endsWith(".ts") && !isTest(path),
  );
  return { root, sources };
}

function pathsIn(folder: string, name: string, leaveOut: RegExp = skipped): readonly string[] {
  if (!existsSync(join(folder, name))) return [];
  return readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !leaveOut.test(path))
    .sort();
}

/** The `exports` of the workspace packages; a `*` in them stands for each file that fits. */
function readPackages(folder: string): Packages {
  const packages = new Map<string, string>();
  for (const workspace of readJson(folder, "package.json")["workspaces"] ?? []) {
    const { name, exports = {} } = readJson(folder, `${workspace}/package.json`);
    const isMap =
      typeof exports === "object" && Object.keys(exports).every((key) => key.startsWith("."));
    for (const [key, value] of Object.entries(isMap ? exports : { ".": exports })) {
      const [before = "", after] = posix.join(workspace, fileOf(value)).split("*");
      const specifier = posix.join(name, key);
      if (after === undefined) packages.set(specifier, before);
      else
        for (const path of pathsIn(folder, workspace))
          if (path.startsWith(before) && path.endsWith(after))
            packages.set(
              specifier.replace("*", path.slice(before.length, path.length - after.length)),
              path,
            );
    }
  }
  return packages;
}

/** Of conditions (`types`, `default` …) the first one counts: here all of them name one file. */
function fileOf(target: unknown): string {
  if (typeof target === "string") return target;
  return typeof target === "object" && target !== null ? fileOf(Object.values(target)[0]) : "";
}

/** The files that knip.json lists as entries: programs, and what the bundles hold. */
function readEntries(folder: string): (path: string) => boolean {
  const { entry = [], workspaces = {} } = readJson(folder, "knip.json");
  const globs: string[] = [...entry];
  for (const [workspace, settings] of Object.entries<Json>(workspaces))
    globs.push(...(settings["entry"] ?? []).map((glob: string) => posix.join(workspace, glob)));
  return (path) => globs.some((glob) => matchesGlob(path, glob));
}

// biome-ignore lint/suspicious/noExplicitAny: npm and knip check their settings
type Json = Record<string, any>;

function readJson(folder: string, path: string): Json {
  return JSON.parse(readFileSync(join(folder, path), "utf8"));
}
