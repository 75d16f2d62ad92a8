// A shell script → its commands, as far as no control flow decides which of them run, PURE.
// Expressions of GitHub (`${{ … }}`) are text: the runner replaces them before the shell starts.

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string; readonly modifier: string }
  | { readonly kind: "command"; readonly text: string };

export type Word = readonly Part[];

export interface Command {
  readonly words: readonly Word[];
  readonly redirects: readonly { readonly operator: string; readonly target: Word }[];
  /** What separates it from the command before: "" at the beginning of a line. */
  readonly after: "" | ";" | "&&" | "||" | "|" | "&";
  /** Lines of the script, from 0, both included. */
  readonly lines: readonly [from: number, to: number];
  readonly text: string;
}

export interface Script {
  readonly commands: readonly Command[];
  /** Why it cannot be read command by command. */
  readonly complex: string | undefined;
}

const keywords = new Set(
  "if then else elif fi for while until do done case esac function select { } ( ) [[ !".split(" "),
);

export function readScript(text: string): Script {
  const lexer = new Lexer(text.replaceAll("\r\n", "\n"));
  const commands = unrolled(lexer.commands());
  const keyword = commands
    .map(({ words }) => plainText(words[0] ?? []))
    .find((word) => word !== undefined && (keywords.has(word) || /^\(|\(\)$/.test(word)));
  const complex = lexer.problem ?? (keyword && `it has control flow (\`${keyword}\`)`);
  return { commands, complex };
}

/** The text of a word without expansions. */
export function plainText(word: Word): string | undefined {
  if (word.every(({ kind }) => kind === "text"))
    return word.map((part) => (part.kind === "text" ? part.text : "")).join("");
  return undefined;
}

/** `for NAME in a b c; do …; done` → its commands, once for each word. */
function unrolled(commands: readonly Command[]): readonly Command[] {
  const first = commands.findIndex(({ words }) => plainText(words[0] ?? []) === "for");
  const last = commands.findIndex(({ words }) => plainText(words[0] ?? []) === "done");
  const [, name = [], word = [], ...values] = commands[first]?.words ?? [];
  const [variable, texts] = [plainText(name), values.map(plainText)];
  const isPlain = plainText(word) === "in" && texts.length > 0 && !texts.includes(undefined);
  if (first < 0 || last < first || variable === undefined || !isPlain) return commands;
  const lines = [commands[first]?.lines[0] ?? 0, commands[last]?.lines[1] ?? 0] as const;
  const body = commands.slice(first + 1, last).map((command) => {
    const isDo = plainText(command.words[0] ?? []) === "do";
    return { ...command, lines, words: isDo ? command.words.slice(1) : command.words };
  });
  if (body.some(({ words }) => plainText(words[0] ?? []) === "for")) return commands;
  const runs = texts.flatMap((value = "") =>
    body
      .filter(({ words }) => words.length > 0)
      .map((command) => ({ ...command, words: command.words.map(replaceIn(variable, value)) })),
  );
  return [...commands.slice(0, first), ...runs, ...unrolled(commands.slice(last + 1))];
}

function replaceIn(variable: string, value: string): (word: Word) => Word {
  return (word) =>
    merged(
      word.map((part) =>
        part.kind === "variable" && part.name === variable && part.modifier === ""
          ? text(value)
          : part,
      ),
    );
}

class Lexer {
  problem: string | undefined;
  private at = 0;
  private line = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  commands(): readonly Command[] {
    const all: Command[] = [];
    let after: Command["after"] = "";
    while (this.at < this.text.length && this.problem === undefined) {
      const [start, from] = [this.at, this.line];
      const { words, redirects, end } = this.command();
      const text = this.text
        .slice(start, this.at)
        .replace(/[\n;&|]+$/, "")
        .trim();
      const to = this.text[this.at - 1] === "\n" ? this.line - 1 : this.line;
      if (words.length > 0 || redirects.length > 0)
        all.push({ words, redirects, after, lines: [from, Math.max(from, to)], text });
      after = end;
    }
    return all;
  }

  private command() {
    const words: Word[] = [];
    const redirects: { operator: string; target: Word }[] = [];
    for (;;) {
      this.skipBlanks();
      const end = this.separator();
      if (end !== undefined || this.at >= this.text.length)
        return { words, redirects, end: end ?? ("" as const) };
      const operator = this.match(/\d?(?:>>|>|<<<|<<|<)(?:&\d)?|&>>?/y);
      if (operator?.includes("<<") && !operator.includes("<<<")) {
        this.problem = "it has a here-document";
        return { words, redirects, end: "" as const };
      }
      if (operator === undefined) {
        const before = this.at;
        words.push(this.word());
        if (this.at === before && this.problem === undefined) this.problem = "of its syntax";
        if (this.problem !== undefined) return { words, redirects, end: "" as const };
      } else {
        this.skipBlanks();
        const target = /&\d$/.test(operator) ? [] : this.word();
        redirects.push({ operator: operator.replace(/^\d|&\d$/g, ""), target });
      }
    }
  }

  private skipBlanks(): void {
    for (;;) {
      this.match(/[ \t]+/y);
      if (this.match(/\\\n/y) !== undefined) this.line++;
      else break;
    }
    if (this.text[this.at] === "#") this.match(/#[^\n]*/y);
  }

  private separator(): Command["after"] | undefined {
    if (this.match(/\n/y) !== undefined) {
      this.line++;
      return "";
    }
    const found = this.match(/&&|\|\||;(?!;)|\|(?!\|)|&(?![&>])/y);
    if (found === undefined) return undefined;
    // A line may end with an operator, and the command goes on below.
    if (found === "&&" || found === "||" || found === "|") {
      this.skipBlanks();
      while (this.match(/\n/y) !== undefined) {
        this.line++;
        this.skipBlanks();
      }
    }
    return found as Command["after"];
  }

  private word(): Word {
    const parts: Part[] = [];
    for (;;) {
      const part = this.part(false);
      if (part === undefined) return merged(parts);
      parts.push(...part);
    }
  }

  /** The next part of a word; undefined at its end. */
  private part(isQuoted: boolean): readonly Part[] | undefined {
    const expression = this.match(/\$\{\{[\s\S]*?\}\}/y);
    if (expression !== undefined) return [text(expression)];
    const expansion = this.expansion();
    if (expansion !== undefined) return [expansion];
    if (isQuoted) {
      const plain = this.match(/[^"\\$`]+|\\[\s\S]|\$/y);
      if (plain === undefined) return undefined;
      this.countLines(plain);
      return [text(plain.replace(/^\\(["\\$`])$/, "$1").replace(/^\\\n$/, ""))];
    }
    if (this.match(/"/y) !== undefined) return this.doubleQuoted();
    const single = this.match(/'[^']*'/y);
    if (single !== undefined) {
      this.countLines(single);
      return [text(single.slice(1, -1))];
    }
    const plain = this.match(/[^\s"'\\$`|&;<>]+|\\[^\n]|\$(?=\s|$)/y);
    if (plain === undefined) return undefined;
    return [text(plain.replace(/^\\/, ""))];
  }

  private doubleQuoted(): readonly Part[] {
    const parts: Part[] = [text("")];
    for (;;) {
      const part = this.part(true);
      if (part === undefined) break;
      parts.push(...part);
    }
    if (this.match(/"/y) === undefined) this.problem = "a quote is not closed";
    return parts;
  }

  private expansion(): Part | undefined {
    const braced = this.match(/\$\{[A-Za-z_]\w*[^{}\n]*\}/y);
    if (braced !== undefined) {
      const [, name = "", modifier = ""] = braced.match(/^\$\{(\w+)([\s\S]*)\}$/) ?? [];
      return { kind: "variable", name, modifier };
    }
    const plain = this.match(/\$[A-Za-z_]\w*/y);
    if (plain !== undefined) return { kind: "variable", name: plain.slice(1), modifier: "" };
    if (this.text.startsWith("$(", this.at)) return this.substitution();
    const backquoted = this.match(/`[^`]*`/y);
    if (backquoted === undefined) return undefined;
    this.countLines(backquoted);
    return { kind: "command", text: backquoted.slice(1, -1) };
  }

  /** `$( … )`, to its own closing bracket. */
  private substitution(): Part | undefined {
    let depth = 0;
    for (let end = this.at + 1; end < this.text.length; end++) {
      if (this.text[end] === "(") depth++;
      if (this.text[end] === ")") depth--;
      if (depth > 0) continue;
      const inner = this.text.slice(this.at + 2, end);
      this.at = end + 1;
      this.countLines(inner);
      return { kind: "command", text: inner };
    }
    this.problem = "a bracket is not closed";
    return undefined;
  }

  private countLines(text: string): void {
    this.line += text.split("\n").length - 1;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found === undefined || found === "") return undefined;
    this.at += found.length;
    return found;
  }
}

function text(value: string): Part {
  return { kind: "text", text: value };
}

/** Neighbouring texts become one part. */
function merged(parts: readonly Part[]): Word {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (part.kind === "text" && last?.kind === "text")
      result.splice(-1, 1, text(last.text + part.text));
    else result.push(part);
  }
  return result;
}
