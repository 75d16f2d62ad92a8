// Whatever stands in the inputs and in the file that they name: it is read or refused, soon, and nothing else happens.

import fc from "fast-check";
import { expect, test } from "vitest";
import { partitionOf } from "../../../src/aws/partitions.ts";
import { DeployError } from "../../../src/errors.ts";
import { readInputs } from "../../../src/inputs/read.ts";
import { type InputName, inputSpecs } from "../../../src/inputs/schema.ts";

const names = Object.keys(inputSpecs) as InputName[];

/** What parsers stumble over: the signs of comments, quotes, escapes, brackets, lists, aliases, shells. */
const pieces = [
  ...[
    "/",
    "//",
    "/*",
    "*/",
    "\\",
    '"',
    "'",
    '""',
    "`",
    "[",
    "]",
    "{",
    "}",
    "[[",
    "{{",
    "}}",
    "(",
    ")",
  ],
  ...[
    ",",
    ":",
    ": ",
    "=",
    "- ",
    "-",
    "<<",
    "<<END",
    "END",
    "#",
    "&a",
    "*a",
    "!",
    "|",
    ">",
    "? ",
    "<<: *a",
    "---",
  ],
  ...[
    "$",
    "${",
    "$(",
    "${{",
    "%",
    "@",
    "***",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u0000",
    "\u2028",
    "\u202E",
    "\uFEFF",
    "\uD800",
  ],
  ...[
    "a",
    "app",
    "A=1",
    "name",
    '"name": ',
    "__proto__",
    "constructor",
    "true",
    "null",
    "1",
    "1e999",
    ".inf",
    "007",
  ],
  ...[
    "arn:",
    "arn:aws:ecs:us-east-1:123456789012:service/",
    "clockko/api",
    ":latest",
    "@sha256:",
    "linux/amd64",
  ],
];

const piece = fc.constantFrom(...pieces);
const run = fc
  .tuple(piece, fc.integer({ min: 1, max: 300 }))
  .map(([text, times]) => text.repeat(times));
const anyText = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: piece },
      { weight: 2, arbitrary: run },
      { weight: 1, arbitrary: fc.string() },
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(""));

const anyInputs = fc.record({
  texts: fc.dictionary(fc.constantFrom(...names), anyText, { maxKeys: 8 }),
  document: fc.oneof(
    anyText,
    anyText.map((text) => `{"family": "app", ${text}`),
    anyText.map((text) => `a: ${text}`),
  ),
});

test("any inputs are read, or refused as invalid", { timeout: 60_000 }, async () => {
  const property = fc.asyncProperty(anyInputs, async ({ texts, document }) => {
    const given: Partial<Record<InputName, string>> = {
      "aws-region": "us-east-1",
      "task-definition": "td.json",
      ...texts,
    };
    const error = await readInputs({
      environment: {},
      get: (name) => given[name] ?? "",
      kindOf: () => "file",
      readText: () => document,
      hostExists: async () => true,
      partitionOf,
    }).catch((caught: unknown) => caught);
    if (error instanceof Error) {
      expect(error).toBeInstanceOf(DeployError);
      expect((error as DeployError).code).toBe("InvalidInput");
      expect(error.message.length).toBeLessThan(60_000);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
  await fc.assert(property, { numRuns: 3_000, seed: 42 });
});

const long = [
  ...pieces,
  "a-",
  "_",
  "arn:aws",
  ".dkr.ecr",
  "[]",
  "{},",
  "- a\n",
  "k: 1\n",
  '"""a\n',
  "A<<B\nB\n",
  "a=b\n",
  "'",
  "x,",
];

/** YAML's parser takes its time for each sign, though no more for the last than for the first. */
const documents: readonly string[] = [
  ...["task-definition-patch", "service-patch", "pre-deploy-command", "post-deploy-command"],
];

test.each(long)(
  "a hundred thousand characters of %j are read, or refused as invalid",
  { timeout: 60_000 },
  async (text) => {
    const given = text.repeat(Math.ceil(100_000 / text.length));
    for (const prefix of ["", "a", '{"a": ', "a: "]) {
      const error = await readInputs({
        environment: {},
        get: (name) =>
          name === "task-definition"
            ? "td.json"
            : `${prefix}${documents.includes(name) ? given.slice(0, 5_000) : given}z`,
        kindOf: () => "file",
        readText: () => `${prefix}${given.slice(0, 5_000)}`,
        hostExists: async () => true,
        partitionOf,
      }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "InvalidInput" });
      expect((error as Error).message.length).toBeLessThan(60_000);
    }
  },
);
