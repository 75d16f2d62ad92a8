// Text that holds data, PURE: JSON, JSON with comments, YAML. No message quotes the text: it may hold what nobody may read.

import { LineCounter, parseDocument as parseYaml } from "yaml";
import type { JsonValue } from "../json.ts";
import { InputProblem } from "./parsers.ts";

/**
 * The value that a text describes. What begins like JSON is read as JSON, comments and trailing commas forgiven; all else as YAML 1.2.
 * @throws InputProblem with the place of the first mistake
 */
export function parseDocument(text: string): JsonValue {
  const plain = text.replace(/^\uFEFF/, "");
  const withoutComments = blankComments(plain);
  if (!/^\s*[[{]/.test(withoutComments)) return readYaml(plain);
  try {
    return JSON.parse(withoutComments);
  } catch {
    return readYaml(withoutComments); // YAML's flow style, or a mistake whose place YAML's parser knows
  }
}

/** An object and nothing else. */
export function parseObject(text: string): { readonly [member: string]: JsonValue } {
  const value = parseDocument(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as { readonly [member: string]: JsonValue };
  throw new InputProblem(`expected an object in YAML or JSON (\`name: value\`), got ${kindOf(value)}`);
}

export function kindOf(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return { string: "a text", number: "a number", boolean: "true or false" }[typeof value as string] ?? typeof value;
}

function readYaml(text: string): JsonValue {
  const lineCounter = new LineCounter();
  const document = parseYaml(text, { lineCounter, prettyErrors: false, merge: true });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new InputProblem(`line ${line}, column ${col}: ${explain(error.code, error.message)}`);
  }
  try {
    return document.toJS() ?? null;
  } catch (cause) {
    throw new InputProblem("its aliases (`*name`) refer to too much or to nothing", { cause });
  }
}

/** The parser's own sentence, where it quotes nothing of the text. */
function explain(code: string, message: string): string {
  if (code === "DUPLICATE_KEY") return "this name stands here for the second time";
  if (code === "MULTIPLE_DOCS") return "a second document begins here; expected one";
  return /["'`]|: /.test(message) ? "expected YAML or JSON" : message;
}

/** Comments and trailing commas as blanks, so that every other character stays where it is. Only what stands outside of strings. */
function blankComments(text: string): string {
  const tokens = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*[}\]])/g;
  return text.replace(tokens, (token) => (token.startsWith('"') ? token : token.replace(/[^\n]/g, " ")));
}
