// Everything that can be said about Terraform roots without AWS and without the provider itself.
//
// Found: unknown types, arguments and blocks, missing required ones, literals of a wrong type, references to what is not declared or has
// no such attribute, what is declared and not used. Not found, for the schema does not say it: allowed values, arguments that exclude
// each other, types of expressions, attributes deeper than the first.

import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkBlock, moduleOf } from "./check-blocks.ts";
import { checkReferences } from "./check-references.ts";
import { parseHcl, type Texts } from "./hcl.ts";
import { readDeclarations } from "./provider-package.ts";
import { readSchema } from "./provider-schema.ts";
import { type Finding, readRoot } from "./root-module.ts";

/** Paths from `folder`, sorted: the files of every root below it. */
export function readTerraform(folder: string): Texts {
  const files = globSync("**/*.tf", { cwd: folder, exclude: ["**/.terraform/**"] }).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

/** One root is one folder. `functions` are those of Terraform, where known; the provider's package is kept in `cache`. */
export async function checkRoots(
  texts: Texts,
  {
    cache,
    functions,
  }: { readonly cache: string; readonly functions?: ReadonlySet<string> | undefined },
): Promise<readonly Finding[]> {
  const parsed = await parseHcl(texts);
  const folders = [...new Set(Object.keys(texts).map((file) => dirname(file)))];
  const roots = folders.map((folder) =>
    readRoot(
      texts,
      Object.fromEntries(Object.entries(parsed).filter(([file]) => dirname(file) === folder)),
    ),
  );
  const modules = new Set(
    roots.flatMap(({ declarations }) => declarations.flatMap((it) => moduleOf(it) ?? [])),
  );
  const declarations = await readDeclarations(cache, [...modules]);
  const schemas = new Map([...declarations].map(([name, text]) => [name, readSchema(text)]));
  return roots.flatMap((root) => [
    ...root.findings,
    ...root.declarations.flatMap((declaration) => checkBlock(declaration, schemas)),
    ...checkReferences(root, schemas, functions),
  ]);
}

export function describeFinding({ file, line, address, message }: Finding): string {
  return `${file}:${line}: ${address}: ${message}`;
}
