// Bundles src/ with everything it imports: `script/build [FOLDER]`, dist/ if no folder is given.
//
// rolldown leaves out unused exports and divides the rest into files; ncc packs each of them: docs/decisions/0013-rolldown-before-ncc.md.
// Types are checked by `tsc` (script/lint), not here.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import ncc from "@vercel/ncc";
import { licensesOf } from "../tools/bundle/licenses.ts";
import { bundleSources } from "../tools/bundle/rolldown.ts";

const root = resolve(import.meta.dirname, "..");
const output = resolve(root, process.argv[2] ?? "dist");
const manifest = '{ "type": "module" }\n';

const files = await bundleSources();
const siblings = Object.fromEntries(
  files.map(({ fileName }) => [`./${fileName}`, `./${fileName}`]),
);
const unpacked = await mkdtemp(join(root, "node_modules/.build-"));
// ncc numbers modules by their paths and its own, seen from here: the same in every checkout.
process.chdir(unpacked);
try {
  await writeFile(join(unpacked, "package.json"), manifest);
  await writeFile(join(unpacked, "tsconfig.json"), "{}");
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  for (const { fileName, code } of files) {
    await writeFile(join(unpacked, fileName), importedOnDemand(code));
    const packed = await ncc(join(unpacked, fileName), {
      cache: false,
      externals: siblings,
      minify: true,
      quiet: true,
    });
    await writeFile(join(output, fileName), inAscii(packed.code));
  }
} finally {
  await rm(unpacked, { recursive: true, force: true });
}
await writeFile(join(output, "package.json"), manifest);
await writeFile(
  join(output, "licenses.txt"),
  licensesOf(files.flatMap(({ moduleIds }) => moduleIds)),
);

/** webpack, which is in ncc, would import another file of dist/ at the start instead. */
function importedOnDemand(code: string): string {
  return code.replaceAll(/\bimport\((["'`]\.\/)/g, "import(/* webpackIgnore: true */$1");
}

/** V8 keeps a source of other characters as two bytes a character. */
function inAscii(code: string): string {
  if (/\\[^\0-\x7f]/.test(code))
    throw new Error("A backslash stands before a character that is not ASCII.");
  return code.replaceAll(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
