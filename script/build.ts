// Bundles src/ with everything it imports: `script/build [FOLDER]`, dist/ if no folder is given.
//
// Each step has a bundle of its own, and both load one copy of the AWS SDK: docs/decisions/0008-the-post-step-has-its-own-bundle.md.
// Types are checked by `tsc` (script/lint), not here.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import ncc from "@vercel/ncc";

const root = resolve(import.meta.dirname, "..");
const source = join(root, "src");
const output = resolve(root, process.argv[2] ?? "dist");

/** For all that src/ takes from these packages there is src/aws/sdk.ts. */
const externals = {
  "@aws-sdk/client-cloudwatch-logs": "./sdk.js",
  "@aws-sdk/client-ecr": "./sdk.js",
  "@aws-sdk/client-ecs": "./sdk.js",
  "@aws-sdk/client-sts": "./sdk.js",
  "@aws-sdk/core/client": "./sdk.js",
};

const bundles = [
  { entry: "index.ts", file: "index.js", externals },
  { entry: "post-index.ts", file: "post.js", externals },
  { entry: "aws/sdk.ts", file: "sdk.js", externals: {} },
];

// ncc takes the `paths` of the tsconfig.json in the working folder and nowhere else: docs/decisions/0002-bundle-without-undici.md
process.chdir(source);
await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
const licenses: string[] = [];
for (const { entry, file, externals } of bundles) {
  const { code, assets } = await ncc(join(source, entry), {
    cache: false,
    externals,
    license: "licenses.txt",
    minify: true,
    quiet: true,
    transpileOnly: true,
  });
  await writeFile(join(output, file), code);
  const { "licenses.txt": texts, ...others } = assets;
  licenses.push(`What ${file} holds of others:\n\n${texts?.source ?? ""}`);
  for (const [name, asset] of Object.entries(others))
    await writeFile(join(output, name), asset.source);
}
await writeFile(join(output, "licenses.txt"), licenses.join("\n\n"));
