// YAML 1.2 → its value. PURE. No message quotes the text.

import {
  type Document,
  isCollection,
  isScalar,
  Lexer,
  Parser,
  parseDocument,
  type Scalar,
  visit,
} from "yaml";
import type { JsonValue } from "../json.ts";
import {
  DocumentProblem,
  depthProblem,
  duplicateName,
  maxDepth,
  type TextPosition,
} from "./json-text.ts";
import { InputProblem } from "./parsers.ts";

/** @throws InputProblem with the place of the first mistake */
export function readYaml(text: string): JsonValue {
  return toJsonValue(parseYamlDocument(text));
}

/**
 * YAML's flow style, `{name: value}`.
 * @throws InputProblem also for comments in JSON's syntax: in YAML they are part of the text around
 * them
 */
export function readFlow(text: string): JsonValue {
  const document = parseYamlDocument(text);
  visit(document, {
    Scalar(_key, { type, range }) {
      if (type === "PLAIN" && range && /(^|\s)\/[/*]/.test(text.slice(range[0], range[1])))
        throw new DocumentProblem(
          positionAt(text, range[0]),
          "a comment begins with # here: this is YAML, because its names have no quotes",
        );
    },
  });
  return toJsonValue(document);
}

/**
 * The value of a text that is JSON except for words without double quotes: `["sh", -c]`.
 * @returns undefined where YAML refuses it, or would join or add what a mistake in JSON omitted:
 * `[80 443]`, `{"a": b, "c"}`
 */
export function readUnquotedWords(text: string): JsonValue | undefined {
  try {
    const document = parseYamlDocument(text);
    if (isUnambiguous(document, text)) return toJsonValue(document);
    return undefined;
  } catch (problem) {
    if (problem instanceof InputProblem) return undefined;
    throw problem;
  }
}

function isUnambiguous(document: Document, text: string): boolean {
  let unambiguous = true;
  const isPlainWord = (source: string) => source !== "" && !/\s|^\/[/*]/.test(source);
  visit(document, {
    Pair(_key, { value }) {
      unambiguous &&= value !== null;
    },
    Scalar(_key, { type, range }: Scalar) {
      const source = range ? text.slice(range[0], range[1]) : "";
      unambiguous &&= type === "PLAIN" ? isPlainWord(source) : !source.includes("\n");
    },
  });
  return unambiguous;
}

/**
 * AWS accepts task definitions of up to 64 KiB. A text of this length is parsed within seconds,
 * whatever it contains.
 */
const maxYamlLength = 1_000_000;

function parseYamlDocument(text: string): Document {
  if (text.length > maxYamlLength)
    throw new InputProblem(`expected at most ${maxYamlLength} characters of YAML`);
  assertDepth(text);
  // The names are compared below: the parser would compare each one with all others.
  const document = parseDocument(text, { prettyErrors: false, merge: true, uniqueKeys: false });
  const [error] = document.errors;
  if (error)
    throw new DocumentProblem(
      positionAt(text, error.pos[0]),
      yamlErrorMessage(error.code, error.message),
    );
  assertUniqueNames(document, text);
  return document;
}

function positionAt(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Lexer and parser are not recursive; the composer that builds a document from them is. */
function assertDepth(text: string): void {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _token of parser.next(lexeme));
    // The stack also contains the document and the current token.
    if (parser.stack.length > maxDepth + 2) throw depthProblem(positionAt(text, parser.offset));
  }
}

/** A name occurs once in an object, and is a string. */
function assertUniqueNames(document: Document, text: string): void {
  visit(document, {
    Map(_key, { items }) {
      const names = new Set<string>();
      for (const { key } of items) {
        if (isCollection(key))
          throw new DocumentProblem(
            positionAt(text, key.range?.[0] ?? 0),
            "expected a name, got a list or an object",
          );
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (names.has(name) && name !== "<<")
          throw new DocumentProblem(positionAt(text, key.range?.[0] ?? 0), duplicateName);
        names.add(name);
      }
    },
  });
}

function toJsonValue(document: Document): JsonValue {
  let value: JsonValue;
  try {
    value = document.toJS() ?? null;
  } catch (cause) {
    throw new InputProblem("its aliases (`*name`) refer to too much or to nothing", { cause });
  }
  assertJsonValue(value);
  return value;
}

/**
 * Aliases add levels to those of the text: infinitely many if one refers to a value that contains
 * it.
 */
function assertJsonValue(whole: JsonValue): void {
  const queue: { readonly value: JsonValue | undefined; readonly level: number }[] = [
    { value: whole, level: 1 },
  ];
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { value, level } = next;
    if (typeof value === "number" && !Number.isFinite(value))
      throw new InputProblem("expected numbers that JSON can hold, got .inf or .nan");
    if (typeof value !== "object" || value === null) continue;
    if (level > maxDepth)
      throw new InputProblem(
        `expected at most ${maxDepth} lists and objects inside each other, aliases resolved`,
      );
    for (const inner of Object.values(value)) queue.push({ value: inner, level: level + 1 });
  }
}

/** The parser's own sentence, if it does not quote the text. */
function yamlErrorMessage(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "a second document begins here; expected one";
  if (/["'`]|: /.test(message)) return "expected YAML";
  return message;
}
