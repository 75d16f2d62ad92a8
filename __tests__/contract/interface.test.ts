// What users see of the action: action.yml, the tables of the README and the code say the same.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { InputSpec } from "../../src/inputs/input-spec.ts";
import { inputSpecs } from "../../src/inputs/schema.ts";
import { type Feature, features } from "../../src/permissions/permissions.ts";
import { outputSpecs } from "../../src/reporter/outputs.ts";
import { namesIn, readSources, readText, root } from "./source.ts";

interface ActionMetadata {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly runs: unknown;
}

const metadata: ActionMetadata = parse(readText("action.yml"));
const inputs = Object.entries<InputSpec<unknown>>(inputSpecs);
const permissionFeatures: Readonly<Record<string, Feature>> = features;
const outputNames = Object.keys(outputSpecs);

/** All names that the code uses outside the tables themselves. */
const namesUsed = new Set(
  [...readSources("src")]
    .filter(([path]) => path !== "src/inputs/schema.ts" && path !== "src/reporter/outputs.ts")
    .flatMap(([path, text]) => [...namesIn(path, text)]),
);

test("action.yml, README.md, docs/iam.md and the example's policy are what script/docs writes", () => {
  const run = () =>
    execFileSync(join(root, "script/docs"), ["--check"], { encoding: "utf8", stdio: "pipe" });
  expect(run).not.toThrow();
});

test("action.yml runs the bundle on Node 24, for the main and the post step", () => {
  expect(metadata.runs).toEqual({
    using: "node24",
    main: "dist/index.js",
    post: "dist/post.js",
    "post-if": "always()",
  });
});

test("action.yml has the inputs of the schema, in its order", () => {
  expect(Object.keys(metadata.inputs)).toEqual(inputs.map(([name]) => name));
});

describe.each(inputs)("input %s", (name, spec) => {
  const { default: text, description, required, handling, parse: read } = spec;

  test("has the same text in action.yml and in the schema", () => {
    const expected = {
      description,
      required: required === true,
      ...(text !== undefined && { default: text }),
    };
    expect(metadata.inputs[name]).toEqual(expected);
  });

  test("is kebab-case, described on one line, and used by the code", () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(description).toMatch(/^\S.*[.…]$/);
    expect(namesUsed).toContain(camelCase(name));
  });

  test("says what Terraform, a dry run and the table of permissions have to do with it", () => {
    expect(handling).toEqual({
      terraform: expect.stringMatching(/^(decides|independent)$/),
      dryRun: expect.stringMatching(/^(shown|not-shown)$/),
      features: expect.any(Array),
    });
    for (const feature of handling.features) {
      expect(Object.keys(features)).toContain(feature);
      expect(permissionFeatures[feature]?.when).toContain(`\`${name}`);
    }
  });

  test("has a default that is valid, and none if it is required", () => {
    if (required) expect(text).toBeUndefined();
    else expect(() => read(text ?? "")).not.toThrow();
  });
});

test("action.yml has the outputs of the table", () => {
  const described = Object.entries(outputSpecs).map(([name, { description }]) => [
    name,
    { description },
  ]);
  expect(metadata.outputs).toEqual(Object.fromEntries(described));
});

test.each(outputNames)("output %s is set by the code", (name) => {
  expect(namesUsed).toContain(name);
});

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
