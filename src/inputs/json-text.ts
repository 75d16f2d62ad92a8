// JSON with comments and trailing commas → its value, in one pass and linear time. PURE. No message quotes the text.

import { createScanner, type JSONVisitor, printParseErrorCode, visit } from "jsonc-parser";
import type { JsonValue } from "../json.ts";
import { InputProblem } from "./parsers.ts";

/** Whether the first thing in a text, comments aside, is a bracket or a brace. */
export function beginsLikeJson(text: string): boolean {
  return ["[", "{"].includes(firstTokens(text)[0]);
}

/** Whether what follows the first bracket may stand there in JSON: then a mistake further on is one of JSON. */
export function goesOnLikeJson(text: string): boolean {
  const [opening, next] = firstTokens(text);
  return opening === "{" ? /^(["}]|$)/.test(next) : /^(["{}[\]\d]|true$|false$|null$|$)/.test(next);
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
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A mistake in a text, said with its place. */
export class DocumentProblem extends InputProblem {
  readonly line: number;

  constructor({ line, column }: Place, what: string) {
    super(`line ${line}, column ${column}: ${what}`);
    this.line = line;
  }
}

/** How many lists and objects may stand inside each other. AWS's own structures end at ten; whatever walks a value is recursive. */
export const mostLevels = 100;

export function tooDeep(at: Place): DocumentProblem {
  return new DocumentProblem(
    at,
    `expected at most ${mostLevels} lists and objects inside each other`,
  );
}

/** A text that is no JSON. */
export class JsonProblem extends DocumentProblem {
  /** Whether YAML allows what stands there: a word without quotes, a tab within them. */
  readonly mayBeYaml: boolean;

  constructor(at: Place, what: string, mayBeYaml = false) {
    super(at, what);
    this.mayBeYaml = mayBeYaml;
  }
}

/** @throws DocumentProblem for the first mistake; a name that stands twice in one object is one, too */
export function readJson(text: string): JsonValue {
  const builder = new JsonBuilder();
  visit(text, builder.visitor, { allowTrailingComma: true });
  return builder.whole;
}

type Open = Place &
  (
    | { readonly list: JsonValue[] }
    | { readonly members: Record<string, JsonValue>; readonly names: string[] }
  );

/** Puts the value together that the parser's visitor goes through, and stops at the first mistake. */
class JsonBuilder {
  whole: JsonValue = null;
  readonly #open: Open[] = [];
  #closed: Open | undefined;

  readonly visitor: JSONVisitor = {
    onObjectBegin: (_offset, _length, line, character) => {
      const members = {};
      this.#begin(members, { members, names: [], ...placeOf(line, character) });
    },
    onArrayBegin: (_offset, _length, line, character) => {
      const list: JsonValue[] = [];
      this.#begin(list, { list, ...placeOf(line, character) });
    },
    onObjectProperty: (name, _offset, _length, line, character) =>
      this.#name(name, placeOf(line, character)),
    onLiteralValue: (value, _offset, _length, line, character) => {
      if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
        throw new DocumentProblem(placeOf(line, character), "this number is too large");
      this.#add(value);
    },
    onObjectEnd: () => this.#end(),
    onArrayEnd: () => this.#end(),
    onError: (code, _offset, _length, line, character) => {
      throw this.#mistake(printParseErrorCode(code), placeOf(line, character));
    },
  };

  #begin(value: JsonValue, open: Open): void {
    if (this.#open.length === mostLevels) throw tooDeep(open);
    this.#add(value);
    this.#open.push(open);
  }

  #end(): void {
    this.#closed = this.#open.pop();
  }

  #name(name: string, at: Place): void {
    const open = this.#open.at(-1);
    if (!open || "list" in open) return;
    if (Object.hasOwn(open.members, name)) throw new DocumentProblem(at, secondTime);
    open.names.push(name);
  }

  #add(value: JsonValue): void {
    const open = this.#open.at(-1);
    if (!open) this.whole = value;
    else if ("list" in open) open.list.push(value);
    // Not by assignment: `__proto__` is a name like any other.
    else Object.defineProperty(open.members, open.names.at(-1) ?? "", { value, ...ownMember });
  }

  #mistake(code: string, at: Place): DocumentProblem {
    const unclosed =
      code === "CloseBraceExpected" ? "{" : code === "CloseBracketExpected" ? "[" : undefined;
    if (unclosed !== undefined)
      return new JsonProblem(this.#closed ?? at, `this ${unclosed} is never closed`);
    const open = this.#open.at(-1);
    if (code === "CommaExpected")
      return new JsonProblem(at, `expected a comma or ${open && "list" in open ? "]" : "}"}`);
    return new JsonProblem(
      at,
      mistakes[code] ?? "expected JSON",
      ["InvalidSymbol", "InvalidCharacter"].includes(code),
    );
  }
}

export const secondTime = "this name stands here for the second time";

const ownMember = { enumerable: true, writable: true, configurable: true };

const mistakes: Readonly<Record<string, string>> = {
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

function placeOf(line: number, character: number): Place {
  return { line: line + 1, column: character + 1 };
}
