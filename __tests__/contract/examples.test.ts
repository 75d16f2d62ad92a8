// No wrong example can be copied: every step that uses the action, in our pages and our workflows, fits action.yml.

import { globSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { inputsOf } from "../../src/inputs/read-verb.ts";
import { inputSpecs } from "../../src/inputs/schema.ts";
import { everyVerb, type Verb } from "../../src/inputs/verbs.ts";
import { outputSpecs } from "../../src/reporter/outputs.ts";
import { readPage } from "./markdown.ts";
import { readText, root } from "./source.ts";

interface Example {
  readonly file: string;
  /** Of `uses:`. */
  readonly verb: Verb;
  readonly given: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: object;
}

function requiredInputs(verb: Verb): readonly string[] {
  return inputsOf(verb).flatMap(([name, { required }]) => (required ? name : []));
}
/** Inputs of examples that the action does not have yet: one that it has is found here. */
const comingInputs: readonly string[] = [];
/** Inputs that no example shows. This list only shrinks. */
const inputsWithoutExample: readonly string[] = [];
const everywhere = { cwd: root, exclude: ["**/node_modules", ".git"] };
const files = globSync(
  ["*.md", "*/**/*.md", ".github/**/*.{md,yml}", "*/*/.github/workflows/*.yml"],
  everywhere,
).sort();
const examples = files.flatMap((file) => examplesIn(file, readText(file)));

function knownInputs(verb: Verb): readonly string[] {
  return [...inputsOf(verb).map(([name]) => name), ...comingInputs];
}

test("there are examples in pages and in workflows, with and without the whole step", () => {
  const found = new Set(examples.map(({ file }) => file));
  const expected = [
    "README.md",
    "docs/errors.md",
    "docs/task-definition.md",
    ".github/workflows/ci.yml",
  ];
  expect([...found]).toEqual(expect.arrayContaining(expected));
});

test.each(examples)("$file: $given", (example) => {
  const { verb, given } = example;
  expect(refusedValues(example)).toEqual([]);
  expect(knownInputs(verb)).toEqual(expect.arrayContaining([...given]));
  // Some examples show only what they are about.
  const required = requiredInputs(verb);
  if (given.some((name) => required.includes(name)))
    expect(given).toEqual(expect.arrayContaining([...required]));
});

test("no input of the action is listed as coming", () => {
  expect(comingInputs.filter((name) => Object.hasOwn(inputSpecs, name))).toEqual([]);
});

test("every output that an example reads is an output of the action", () => {
  const wrong = files.flatMap((file) => unknownOutputsIn(file, readText(file)));
  // The output of another step, by its name in docs/errors.md.
  expect(wrong).toEqual(["docs/errors.md: steps.meta.outputs.tags"]);
});

test("every input of the action is in an example", () => {
  const shown = new Set(examples.flatMap(({ given }) => given));
  const names = new Set(everyVerb.flatMap(knownInputs));
  expect([...names].filter((name) => !shown.has(name))).toEqual(inputsWithoutExample);
});

describe("a mistake would be found:", () => {
  const steps = "steps:\n  - id: ours\n    uses: OWNER/deploy-ecs@v1\n    with: { clustr: demo }\n";
  const others = "  - id: other\n    uses: actions/cache@v5\n    with: { path: x }\n";
  const reads = ["ours.outputs.imag", "ours.outputs.image", "other.outputs.x"].map(
    (name) => `\${{ steps.${name} }}`,
  );
  const page = `Like this:\n\`\`\`yaml\n${steps}${others}  - run: echo ${reads.join(" ")}\n\`\`\`\n`;

  test("a wrong input of a step", () => {
    expect(examplesIn("page.md", page)).toEqual([
      { file: "page.md", verb: "deploy", given: ["clustr"], values: { clustr: "demo" } },
    ]);
  });

  test("a wrong input where only `with:` is shown", () => {
    const short = "- A list:\n\n  ```yaml\n  with:\n    clustr: demo\n  ```\n";
    expect(examplesIn("page.md", short)).toEqual([
      { file: "page.md", verb: "deploy", given: ["clustr"], values: { clustr: "demo" } },
    ]);
  });

  test("an input that the verb does not have", () => {
    const [found] = examplesIn("w.yml", steps.replace("ecs@", "ecs/preview@"));
    expect(found).toMatchObject({ file: "w.yml", verb: "preview", given: ["clustr"] });
    expect(knownInputs("preview")).not.toContain("desired-count");
    expect(examplesIn("w.yml", steps.replace("ecs@", "ecs/build@"))[0]?.verb).toBe("build");
  });

  test("a value that the action refuses", () => {
    const wrong = `\`\`\`yaml\nwith:\n  when-busy: queue\n  dry-run: yes\n  cluster: demo\n  to: \${{ x }}\n\`\`\`\n`;
    expect(examplesIn("page.md", wrong).flatMap(refusedValues)).toEqual([
      expect.stringMatching(/^when-busy: expected "auto" or /),
      expect.stringMatching(/^dry-run: expected "true" or "false"/),
    ]);
  });

  test("a wrong output", () => {
    expect(unknownOutputsIn("page.md", page)).toEqual(["page.md: steps.ours.outputs.imag"]);
    expect(unknownOutputsIn("page.md", "Read `steps.deploy.outputs.imag`.")).toEqual([
      "page.md: steps.deploy.outputs.imag",
    ]);
  });
});

function examplesIn(file: string, text: string): readonly Example[] {
  return documentsIn(file, text)
    .flatMap(stepsIn)
    .flatMap((step) => {
      const isOurs =
        step.uses === undefined ? file.endsWith(".md") && step.with !== undefined : usesUs(step);
      return isOurs ? [exampleOf(file, step)] : [];
    });
}

function exampleOf(file: string, step: Step): Example {
  const values = { ...step.with };
  return { file, verb: verbOf(step), given: Object.keys(values), values };
}

/** Values that the action would refuse: `NAME: why`. What only a runner or a reader fills in is left out. */
function refusedValues({ verb, values }: Example): readonly string[] {
  const specs = new Map(inputsOf(verb));
  return Object.entries(values).flatMap(([name, value]) => {
    const text = String(value);
    if (/\$\{\{|…/.test(text)) return [];
    try {
      specs.get(name)?.parse(text.trim());
      return [];
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

/** `steps.ID.outputs.NAME` that is no output of ours, unless ID is a step of another action or a script. */
function unknownOutputsIn(file: string, text: string): readonly string[] {
  const steps = documentsIn(file, text).flatMap(stepsIn);
  const foreign = new Set(steps.filter((step) => !usesUs(step)).map(({ id }) => id));
  const read = [...text.matchAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g)];
  return read.flatMap(([reference, id, name = ""]) =>
    foreign.has(id) || Object.hasOwn(outputSpecs, name) ? [] : [`${file}: ${reference}`],
  );
}

/** The YAML documents of a workflow, or of the code blocks of a page. */
function documentsIn(file: string, text: string): readonly unknown[] {
  if (!file.endsWith(".md")) return [parse(text)];
  const { blocks } = readPage(file, text);
  return blocks
    .filter(({ language }) => /^ya?ml$/.test(language))
    .map((block) => parse(block.text));
}

/** Everything that is a step, or a part of one, however deep it stands. */
function stepsIn(node: unknown): readonly Step[] {
  if (typeof node !== "object" || node === null) return [];
  const isStep = ["id", "uses", "with", "run"].some((name) => Object.hasOwn(node, name));
  return isStep ? [node] : Object.values(node).flatMap(stepsIn);
}

function usesUs({ uses }: Step): boolean {
  return uses !== undefined && /^\.\/$|\/deploy-ecs(\/[a-z-]+)?@/.test(uses);
}

function verbOf({ uses = "" }: Step): Verb {
  const folder = /\/deploy-ecs\/([a-z-]+)@/.exec(uses)?.[1];
  return everyVerb.find((verb) => verb === folder) ?? "deploy";
}
