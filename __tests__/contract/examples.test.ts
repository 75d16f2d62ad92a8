// Nobody copies a wrong example from here: every step that uses the action, in our pages and our workflows, fits action.yml.

import { globSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { InputSpec } from "../../src/inputs/input-spec.ts";
import { inputSpecs } from "../../src/inputs/schema.ts";
import { readText, root } from "./source.ts";

interface Example {
  readonly file: string;
  readonly given: readonly string[];
}

const required = Object.entries<InputSpec<unknown>>(inputSpecs).flatMap(([name, spec]) =>
  spec.required ? name : [],
);

const pages = globSync(
  ["README.md", "{docs,examples}/**/*.md", "{.,examples/*}/.github/workflows/*.yml"],
  {
    cwd: root,
  },
).sort();

test.each(pages.flatMap((file) => examplesIn(file, readText(file))))(
  "$file: $given",
  ({ given }) => {
    expect(Object.keys(inputSpecs)).toEqual(expect.arrayContaining([...given]));
    // Some examples show only what they are about.
    if (given.some((name) => required.includes(name)))
      expect(given).toEqual(expect.arrayContaining(required));
  },
);

test("an example with a wrong input would be found", () => {
  const page =
    "Like this:\n```yaml\nsteps:\n  - uses: OWNER/deploy-ecs@v1\n    with: { clustr: demo }\n```\n";
  expect(examplesIn("page.md", page)).toEqual([{ file: "page.md", given: ["clustr"] }]);
});

function examplesIn(file: string, text: string): readonly Example[] {
  const blocks = file.endsWith(".md")
    ? [...text.matchAll(/^```ya?ml\n(.*?)^```$/gms)].map(([, block]) => block)
    : [text];
  return blocks.flatMap((block) => stepsIn(parse(block ?? ""))).map((given) => ({ file, given }));
}

/** The inputs given by each step that uses the action, however deep it stands. */
function stepsIn(node: unknown): readonly (readonly string[])[] {
  if (typeof node !== "object" || node === null) return [];
  const { uses, with: given } = node as { readonly uses?: unknown; readonly with?: object };
  if (typeof uses === "string" && /^\.\/$|\/deploy-ecs@/.test(uses))
    return [Object.keys(given ?? {})];
  return Object.values(node).flatMap(stepsIn);
}
