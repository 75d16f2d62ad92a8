// The AWS provider's schema, as the npm package @cdktn/provider-aws carries it: one TypeScript declaration a resource. The package is
// 46 MB, and 476 MB unpacked, so it is no dependency: it is fetched by npm when it is needed, known by its hash, and kept in .cache/.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** Carries hashicorp/aws 6.66.0. The hash is the one that `npm view @cdktn/provider-aws@25.7.0 dist.integrity` prints. */
const provider = {
  package: "@cdktn/provider-aws",
  version: "25.7.0",
  file: "cdktn-provider-aws-25.7.0.tgz",
  integrity:
    "sha512-E/nhu0yVZE4mXMgIPuI8tEFt1BExLkA7ARjihdG+/HmfDfzLr+OEF3dkFRvI6glRt30lrrBWQLwXqCJBxcmyUg==",
};

/** `vpc` or `data-aws-caller-identity` → the TypeScript that declares it; nothing under a name that the provider has not. */
export async function readDeclarations(
  cache: string,
  modules: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const archive = await fetchPackage(cache);
  if (modules.length === 0) return new Map(); // tar would unpack everything
  const folder = mkdtempSync(join(tmpdir(), "provider-aws-"));
  try {
    const paths = modules.map((name) => `package/lib/${name}/index.d.ts`);
    // tar unpacks what there is, and fails at its end if there was not all of it.
    await promisify(execFile)("tar", ["-xzf", archive, "-C", folder, ...paths]).catch(
      () => undefined,
    );
    const found = modules.filter((_, index) => existsSync(join(folder, paths[index] ?? "")));
    return new Map(
      found.map((name) => [
        name,
        readFileSync(join(folder, `package/lib/${name}/index.d.ts`), "utf8"),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The package's file in the cache, fetched if it is not there. Throws what npm says if it cannot be had. */
export async function fetchPackage(cache: string): Promise<string> {
  const kept = join(cache, provider.file);
  if (existsSync(kept) && hashOf(kept) === provider.integrity) return kept;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "fetching-"));
  try {
    const args = [
      "pack",
      `${provider.package}@${provider.version}`,
      "--pack-destination",
      folder,
      "--silent",
    ];
    await promisify(execFile)("npm", args, {
      timeout: 120_000,
      maxBuffer: 2 ** 26,
      env: withMachinesNode(),
    });
    const fetched = join(folder, provider.file);
    const hash = hashOf(fetched);
    if (hash !== provider.integrity)
      throw new Error(`${provider.package}@${provider.version} has another hash: ${hash}`);
    renameSync(fetched, kept);
    return kept;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** npm runs on the Node that the machine has set up for it (proxy, certificates), as in script/bootstrap; not on ours. */
function withMachinesNode(): NodeJS.ProcessEnv {
  const { PATH = "", ...others } = process.env;
  const folders = PATH.split(delimiter).filter((folder) => !folder.endsWith("node_modules/.bin"));
  return { ...others, PATH: folders.join(delimiter) };
}

function hashOf(path: string): string {
  return `sha512-${createHash("sha512").update(readFileSync(path)).digest("base64")}`;
}
