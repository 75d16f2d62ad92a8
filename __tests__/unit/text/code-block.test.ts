import fc from "fast-check";
import { expect, test } from "vitest";
import {
  codeBlock,
  shellBlock,
  splitCodeBlocks,
  withoutFences,
} from "../../../src/text/code-block.ts";
import { hostileTexts } from "./hostile.ts";

test("a block stays whole between lines of text", () => {
  expect(splitCodeBlocks(`Add:\n${codeBlock('{\n  "a": 1\n}', "json")}\nThen go.`)).toEqual([
    { lines: ["Add:"] },
    { language: "json", lines: ["{", '  "a": 1', "}"] },
    { lines: ["Then go."] },
  ]);
});

test("without fences the same lines are left", () => {
  expect(withoutFences(`Add:\n${codeBlock("a: 1\nb: 2", "yaml")}\nThen go.`)).toBe(
    "Add:\na: 1\nb: 2\nThen go.",
  );
});

test("nothing in a block can end it", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom("```", "````", "```json", "~~~"),
    fc.constantFrom(...hostileTexts(50)),
  );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (lines) => {
      const text = lines.join("\n");
      expect(splitCodeBlocks(`before\n${codeBlock(text)}\nafter`)).toEqual([
        { lines: ["before"] },
        { language: "text", lines: text.split(/\r?\n/) },
        { lines: ["after"] },
      ]);
    }),
  );
});

test("a fence that is not closed is an ordinary line", () => {
  expect(splitCodeBlocks("a\n```\nb")).toEqual([
    { lines: ["a"] },
    { lines: ["```"] },
    { lines: ["b"] },
  ]);
});

test("a long command is split before its options, and a shell reads it as one", () => {
  expect(shellBlock("aws ecs stop-task", "--cluster c")).toBe(
    "```sh\naws ecs stop-task --cluster c\n```",
  );
  const long = shellBlock(
    "aws ecr create-repository",
    `--repository-name ${"x".repeat(90)}`,
    "--region us-east-1",
  );
  expect(withoutFences(long)).toBe(
    `aws ecr create-repository \\\n  --repository-name ${"x".repeat(90)} \\\n  --region us-east-1`,
  );
});
