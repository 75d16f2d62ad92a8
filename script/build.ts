// Bundles src/index.ts with everything it imports into one file: `script/build [FOLDER]`, dist/ if no folder is given.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import ncc from "@vercel/ncc";

const root = resolve(import.meta.dirname, "..");
const source = join(root, "src");
const output = resolve(root, process.argv[2] ?? "dist");

// ncc takes the `paths` of the tsconfig.json in the working folder and nowhere else: docs/decisions/0002-bundle-without-undici.md
process.chdir(source);
const { code, assets } = await ncc(join(source, "index.ts"), {
  cache: false,
  license: "licenses.txt",
  minify: true,
  quiet: true,
});

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await writeFile(join(output, "index.js"), code);
for (const [name, asset] of Object.entries(assets)) await writeFile(join(output, name), asset.source);
