// Text that contains data, PURE: JSON, JSON with comments, YAML. No message quotes the text,
// because it may contain secrets.

import type { JsonValue } from "../json.ts";
import { beginsLikeJson, continuesLikeJson, JsonProblem, readJson } from "./json-text.ts";
import { InputProblem } from "./parsers.ts";
import { readFlow, readUnquotedWords, readYaml } from "./yaml-text.ts";

/**
 * The value of a text. If it begins like JSON it is read as JSON, with comments and trailing
 * commas; otherwise as YAML 1.2.
 * @throws InputProblem with the place of the first mistake, in the terms of the text's own format
 */
export function parseDocument(text: string): JsonValue {
  const plain = text.replace(/^\uFEFF/, "");
  if (!beginsLikeJson(plain)) return readYaml(plain);
  try {
    return readJson(plain);
  } catch (problem) {
    if (!(problem instanceof JsonProblem)) throw problem;
    if (!continuesLikeJson(plain)) return readFlow(plain);
    const flow = problem.mayBeYaml ? readUnquotedWords(plain) : undefined;
    if (flow === undefined) throw problem;
    return flow;
  }
}

/** The same for a text that must be an object. */
export function parseObject(text: string): { readonly [member: string]: JsonValue } {
  const value = parseDocument(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as { readonly [member: string]: JsonValue };
  throw new InputProblem(
    `expected an object in YAML or JSON (\`name: value\`), got ${typeNameOf(value)}`,
  );
}

export function typeNameOf(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return (
    { string: "a text", number: "a number", boolean: "true or false" }[typeof value as string] ??
    typeof value
  );
}
