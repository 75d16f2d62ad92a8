// The checks of script/lint, each as a test that is counted, and the promises of the package files.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { readText, root } from "./source.ts";

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: true;
  readonly version?: string;
  readonly integrity?: string;
  readonly inBundle?: true;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lockedPackages: Readonly<Record<string, LockedPackage>> = JSON.parse(
  readText("package-lock.json"),
).packages;
type Manifest = Readonly<
  Record<"dependencies" | "devDependencies", Readonly<Record<string, string>>>
>;
const manifest: Manifest = JSON.parse(readText("package.json"));
const simulator: Manifest = JSON.parse(readText("simulator/package.json"));

describe.concurrent("the sources", () => {
  test.for([
    { name: "types are right", tool: ["tsc", "--noEmit"] },
    { name: "lint and format", tool: ["biome", "check", "--error-on-warnings", "."] },
    { name: "nothing is unused", tool: ["knip"] },
    { name: "every bar of script/house is met", tool: ["node", "script/house.ts", "--check"] },
  ])("$name", async ({ tool: [command = "", ...args] }) => {
    const complaints = await complaintsOf(command, args);
    if (complaints !== "") expect.fail(complaints);
  });
});

test("every dependency is pinned to one version, the same in the simulator's package", () => {
  const pins = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(Object.values(pins).filter((range) => !/^\d+\.\d+\.\d+$/.test(range))).toEqual([]);
  expect(pins).toMatchObject({ ...simulator.dependencies, ...simulator.devDependencies });
});

test("the lock file names no registry and no folder, and knows each package by its hash", () => {
  // The workspace is the one link; its folder is in this repository.
  const { "": _root, simulator, "node_modules/ecs-simulator": link, ...others } = lockedPackages;
  const bad = Object.entries(others).filter(
    ([, { resolved, link, integrity, inBundle }]) => resolved || link || !(integrity || inBundle),
  );
  expect(bad).toEqual([]);
  expect(link).toEqual({ resolved: "simulator", link: true });
  expect(simulator).not.toHaveProperty("resolved");
});

test("the lock file has the binaries of every platform, so that npm ci works on each", () => {
  const missing = Object.entries(lockedPackages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) =>
        !lockedPackages[`node_modules/${name}`] && !lockedPackages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

test(".npmrc enforces pinned versions, and names no registry", () => {
  const settings = readText(".npmrc");
  expect(settings).toMatch(/^save-exact=true$/m);
  expect(settings).toMatch(/^omit-lockfile-registry-resolved=true$/m);
  expect(settings).not.toMatch(/^[^#]*(registry\s*=|_auth|https?:)/m);
});

test("Node is the version that action.yml asks for, everywhere", () => {
  const version = readText(".node-version").trim();
  expect(readText("action.yml")).toContain(`using: node${version}\n`);
  expect(manifest.devDependencies["node"]).toMatch(new RegExp(`^${version}\\.`));
  expect(process.versions.node).toBe(manifest.devDependencies["node"]);
});

/** What a tool prints when it fails; nothing if all is well. */
async function complaintsOf(command: string, args: readonly string[]): Promise<string> {
  try {
    await promisify(execFile)(join(root, "node_modules/.bin", command), args, {
      cwd: root,
      maxBuffer: 2 ** 26,
    });
    return "";
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    return `${stdout}${stderr}`;
  }
}
