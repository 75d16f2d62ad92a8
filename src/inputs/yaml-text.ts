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
import { DocumentProblem, mostLevels, type Place, secondTime, tooDeep } from "./json-text.ts";
import { InputProblem } from "./parsers.ts";

/** @throws InputProblem with the place of the first mistake */
export function readYaml(text: string): JsonValue {
  return contentOf(parse(text));
}

/**
 * YAML's flow style, `{name: value}`.
 * @throws InputProblem also for comments as JSON has them: in YAML they are a part of the words around them
 */
export function readFlow(text: string): JsonValue {
  const document = parse(text);
  visit(document, {
    Scalar(_key, { type, range }) {
      if (type === "PLAIN" && range && /(^|\s)\/[/*]/.test(text.slice(range[0], range[1])))
        throw new DocumentProblem(
          placeAt(text, range[0]),
          "a comment begins with # here: this is YAML, for its names have no quotes",
        );
    },
  });
  return contentOf(document);
}

/**
 * The value of a text that is JSON but for words without double quotes: `["sh", -c]`.
 * @returns undefined where YAML refuses it, or joins or adds what a mistake in JSON left out: `[80 443]`, `{"a": b, "c"}`
 */
export function readUnquotedWords(text: string): JsonValue | undefined {
  try {
    const document = parse(text);
    return isUnambiguous(document, text) ? contentOf(document) : undefined;
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

/** AWS takes task definitions of 64 KiB. This many are read within seconds, whatever they are. */
const mostCharacters = 1_000_000;

function parse(text: string): Document {
  if (text.length > mostCharacters)
    throw new InputProblem(`expected at most ${mostCharacters} characters of YAML`);
  refuseDeep(text);
  // Names are compared below: the parser compares each one with each other.
  const document = parseDocument(text, { prettyErrors: false, merge: true, uniqueKeys: false });
  const [error] = document.errors;
  if (error)
    throw new DocumentProblem(placeAt(text, error.pos[0]), explain(error.code, error.message));
  refuseNames(document, text);
  return document;
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The lexer and the parser hold their levels in a list; what composes a document out of them is recursive. */
function refuseDeep(text: string): void {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _token of parser.next(lexeme));
    // The document stands in it, too, and the word that is being read.
    if (parser.stack.length > mostLevels + 2) throw tooDeep(placeAt(text, parser.offset));
  }
}

/** A name stands once in an object, and is a text. */
function refuseNames(document: Document, text: string): void {
  visit(document, {
    Map(_key, { items }) {
      const names = new Set<string>();
      for (const { key } of items) {
        if (isCollection(key))
          throw new DocumentProblem(
            placeAt(text, key.range?.[0] ?? 0),
            "expected a name, got a list or an object",
          );
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (names.has(name) && name !== "<<")
          throw new DocumentProblem(placeAt(text, key.range?.[0] ?? 0), secondTime);
        names.add(name);
      }
    },
  });
}

function contentOf(document: Document): JsonValue {
  let value: JsonValue;
  try {
    value = document.toJS() ?? null;
  } catch (cause) {
    throw new InputProblem("its aliases (`*name`) refer to too much or to nothing", { cause });
  }
  refuseOtherThanJson(value);
  return value;
}

/** Aliases add levels to those that the text has: without end where one stands in what it refers to. */
function refuseOtherThanJson(whole: JsonValue): void {
  const left: { readonly value: JsonValue | undefined; readonly level: number }[] = [
    { value: whole, level: 1 },
  ];
  for (let one = left.pop(); one; one = left.pop()) {
    const { value, level } = one;
    if (typeof value === "number" && !Number.isFinite(value))
      throw new InputProblem("expected numbers that JSON can hold, got .inf or .nan");
    if (typeof value !== "object" || value === null) continue;
    if (level > mostLevels)
      throw new InputProblem(
        `expected at most ${mostLevels} lists and objects inside each other, aliases resolved`,
      );
    for (const inner of Object.values(value)) left.push({ value: inner, level: level + 1 });
  }
}

/** The parser's own sentence, where it quotes nothing of the text. */
function explain(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "a second document begins here; expected one";
  return /["'`]|: /.test(message) ? "expected YAML" : message;
}
