// JSON with comments and trailing commas → its value, in one pass and linear time. PURE. No message
// quotes the text.

import { createScanner, type JSONVisitor, printParseErrorCode, visit } from "jsonc-parser";
import type { JsonValue } from "../json.ts";
import { InputProblem } from "./parsers.ts";

/** Whether a text, ignoring comments, begins with a bracket or a brace. */
export function beginsLikeJson(text: string): boolean {
  return ["[", "{"].includes(firstTokens(text)[0]);
}

/**
 * Whether the text after the first bracket is valid in JSON: then a later mistake is reported as
 * one of JSON.
 */
export function continuesLikeJson(text: string): boolean {
  const [opening, next] = firstTokens(text);
  if (opening === "{") return /^(["}]|$)/.test(next);
  return /^(["{}[\]\d]|true$|false$|null$|$)/.test(next);
}

function firstTokens(text: string): readonly [string, string] {
  const scanner = createScanner(text, true);
  const next = () => {
    scanner.scan();
    return text.slice(
      scanner.getTokenOffset(),
      scanner.getTokenOffset() + scanner.getTokenLength(),
    );
  };
  return [next(), next()];
}

/** Both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A mistake in a text, with its place. */
export class DocumentProblem extends InputProblem {
  readonly line: number;

  constructor({ line, column }: TextPosition, what: string) {
    super(`line ${line}, column ${column}: ${what}`);
    this.line = line;
  }
}

/**
 * How deep lists and objects may be nested. AWS's own structures have at most ten levels; the
 * functions that read a value are recursive.
 */
export const maxDepth = 100;

export function depthProblem(at: TextPosition): DocumentProblem {
  return new DocumentProblem(
    at,
    `expected at most ${maxDepth} lists and objects inside each other`,
  );
}

/** A text that is not JSON. */
export class JsonProblem extends DocumentProblem {
  /** Whether YAML allows the text at this place: a word without quotes, a tab within quotes. */
  readonly mayBeYaml: boolean;

  constructor(at: TextPosition, what: string, mayBeYaml = false) {
    super(at, what);
    this.mayBeYaml = mayBeYaml;
  }
}

/**
 * @throws DocumentProblem for the first mistake; a name that occurs twice in one object is one, too
 */
export function readJson(text: string): JsonValue {
  const builder = new JsonBuilder();
  visit(text, builder.visitor, { allowTrailingComma: true });
  return builder.result;
}

type OpenContainer = TextPosition &
  (
    | { readonly list: JsonValue[] }
    | { readonly members: Record<string, JsonValue>; readonly names: string[] }
  );

/** Builds the value from the calls of the parser's visitor, and stops at the first mistake. */
class JsonBuilder {
  result: JsonValue = null;
  readonly #open: OpenContainer[] = [];
  #closed: OpenContainer | undefined;

  readonly visitor: JSONVisitor = {
    onObjectBegin: (_offset, _length, line, character) => {
      const members = {};
      this.#begin(members, { members, names: [], ...positionOf(line, character) });
    },
    onArrayBegin: (_offset, _length, line, character) => {
      const list: JsonValue[] = [];
      this.#begin(list, { list, ...positionOf(line, character) });
    },
    onObjectProperty: (name, _offset, _length, line, character) =>
      this.#name(name, positionOf(line, character)),
    onLiteralValue: (value, _offset, _length, line, character) => {
      if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
        throw new DocumentProblem(positionOf(line, character), "this number is too large");
      this.#add(value);
    },
    onObjectEnd: () => this.#end(),
    onArrayEnd: () => this.#end(),
    onError: (code, _offset, _length, line, character) => {
      throw this.#mistake(printParseErrorCode(code), positionOf(line, character));
    },
  };

  #begin(value: JsonValue, open: OpenContainer): void {
    if (this.#open.length === maxDepth) throw depthProblem(open);
    this.#add(value);
    this.#open.push(open);
  }

  #end(): void {
    this.#closed = this.#open.pop();
  }

  #name(name: string, at: TextPosition): void {
    const open = this.#open.at(-1);
    if (!open || "list" in open) return;
    if (Object.hasOwn(open.members, name)) throw new DocumentProblem(at, duplicateName);
    open.names.push(name);
  }

  #add(value: JsonValue): void {
    const open = this.#open.at(-1);
    if (!open) this.result = value;
    else if ("list" in open) open.list.push(value);
    // Not by assignment: `__proto__` is an ordinary name here.
    else Object.defineProperty(open.members, open.names.at(-1) ?? "", { value, ...ownMember });
  }

  #mistake(code: string, at: TextPosition): DocumentProblem {
    const unclosed = unclosedBrackets[code];
    if (unclosed !== undefined)
      return new JsonProblem(this.#closed ?? at, `this ${unclosed} is never closed`);
    const open = this.#open.at(-1);
    if (code === "CommaExpected")
      return new JsonProblem(at, `expected a comma or ${open && "list" in open ? "]" : "}"}`);
    return new JsonProblem(
      at,
      parseErrorMessages[code] ?? "expected JSON",
      ["InvalidSymbol", "InvalidCharacter"].includes(code),
    );
  }
}

export const duplicateName = "this name stands here for the second time";

const ownMember = { enumerable: true, writable: true, configurable: true };

const unclosedBrackets: Readonly<Record<string, string>> = {
  CloseBraceExpected: "{",
  CloseBracketExpected: "[",
};

const parseErrorMessages: Readonly<Record<string, string>> = {
  InvalidSymbol: "expected JSON: a name or a text goes in double quotes",
  InvalidNumberFormat: "expected a number as JSON writes it",
  UnexpectedEndOfNumber: "expected a number as JSON writes it",
  PropertyNameExpected: "expected a name in double quotes",
  ValueExpected: "expected a value",
  ColonExpected: "expected a colon, and the value of the name before it",
  EndOfFileExpected: "expected nothing after the last bracket",
  UnexpectedEndOfComment: "this comment is never closed",
  UnexpectedEndOfString: "this text has no quote at the end of its line",
  InvalidUnicode: "expected four hexadecimal digits after \\u in this text",
  InvalidEscapeCharacter:
    "JSON does not know what follows a backslash in this text; a backslash itself is written twice",
  InvalidCharacter: "this text holds a control character; write it as \\t or \\u0000",
};

function positionOf(line: number, character: number): TextPosition {
  return { line: line + 1, column: character + 1 };
}
