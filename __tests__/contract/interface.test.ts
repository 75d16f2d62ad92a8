// What users see of the action and its verbs: each action.yml, the tables of the documents and the code say the same.

import { execFileSync } from "node:child_process";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { cancelInput, credentialInputs } from "../../src/inputs/post-inputs.ts";
import { inputsOf } from "../../src/inputs/read-verb.ts";
import { inputSpecs } from "../../src/inputs/schema.ts";
import { deployingVerbs, everyVerb, signingInVerbs, verbSpecs } from "../../src/inputs/verbs.ts";
import { type Feature, features } from "../../src/permissions/permissions.ts";
import { outputSpecs, outputsOf } from "../../src/reporter/outputs.ts";
import { namesIn, readSources, readText, root } from "./source.ts";

interface ActionMetadata {
  readonly name: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly runs: unknown;
}

const verbs = everyVerb.map((verb) => ({ verb, ...verbSpecs[verb] }));
const metadataOf = (file: string): ActionMetadata => parse(readText(file));
const rows = verbs.flatMap(({ verb, file }) =>
  inputsOf(verb).map(([name, spec]) => ({ verb, file, name, spec })),
);
const permissionFeatures: Readonly<Record<string, Feature>> = features;
const outputNames = Object.keys(outputSpecs);

/** All names that the code uses outside the tables themselves. */
const namesUsed = new Set(
  [...readSources("src")]
    .filter(([path]) => path !== "src/inputs/schema.ts" && path !== "src/reporter/outputs.ts")
    .flatMap(([path, text]) => [...namesIn(path, text)]),
);

test("action.yml, the documents and the example's policy are what script/docs writes", () => {
  const run = () =>
    execFileSync(join(root, "script/docs"), ["--check"], { encoding: "utf8", stdio: "pipe" });
  expect(run).not.toThrow();
});

test("every verb is in the list, its action.yml in the folder of its name", () => {
  expect([...everyVerb].sort()).toEqual(Object.keys(verbSpecs).sort());
  for (const { verb, file } of verbs)
    expect(file).toBe(verb === "deploy" ? "action.yml" : `${verb}/action.yml`);
});

test.each(verbs)("$file has the name and the description of its verb", (verb) => {
  const { name, description } = metadataOf(verb.file);
  expect({ name, description }).toEqual({ name: verb.name, description: verb.description });
});

test.each(verbs)("$file runs the bundle on Node 24, for the main and the post step", (verb) => {
  const dist = join(relative(dirname(verb.file), "."), "dist");
  expect(metadataOf(verb.file).runs).toEqual({
    using: "node24",
    main: `${dist}/${verb.main}`,
    post: `${dist}/${verb.post}`,
    "post-if": "always()",
  });
});

test.each(verbs)("$file has the inputs of its verb", (verb) => {
  expect(Object.keys(metadataOf(verb.file).inputs).sort()).toEqual(
    inputsOf(verb.verb)
      .map(([name]) => name)
      .sort(),
  );
});

test("deploy has every row of its table, and every verb that signs in has what the post step reads", () => {
  expect(inputsOf("deploy").map(([name]) => name)).toEqual(Object.keys(inputSpecs));
  for (const { verbs: having } of Object.values(credentialInputs))
    expect(having).toEqual(signingInVerbs);
  // The others leave no deployment behind.
  expect(cancelInput["on-cancel"].verbs).toEqual(deployingVerbs);
});

describe.each(rows)("input $name of $verb", ({ file, name, spec }) => {
  const { default: text, description, required, handling, parse: read } = spec;

  test("has the same text in the verb's action.yml and in the table", () => {
    const expected = {
      description,
      required: required === true,
      ...(text !== undefined && { default: text }),
    };
    expect(metadataOf(file).inputs[name]).toEqual(expected);
  });

  test("says which verbs have it", () => {
    expect(spec.verbs.length).toBeGreaterThan(0);
    expect(verbs.map(({ verb }) => verb)).toEqual(expect.arrayContaining([...spec.verbs]));
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

test.each(verbs)("$file has the outputs of its verb", ({ file, verb }) => {
  const described = outputsOf(verb).map(([name, { description }]) => [name, { description }]);
  expect(metadataOf(file).outputs).toEqual(Object.fromEntries(described));
});

test.each(outputNames)("output %s is set by the code", (name) => {
  expect(namesUsed).toContain(name);
});

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
