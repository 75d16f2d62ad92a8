// What a reader of the Markdown gets to see, by a real parser.

import { Marked, type Token, type Tokens } from "marked";

const marked = new Marked({ gfm: true });

export function tokensOf(markdown: string): readonly Token[] {
  return marked.lexer(markdown);
}

/** Every token, however deep. */
export function allTokensOf(markdown: string): readonly Token[] {
  const all: Token[] = [];
  void marked.walkTokens(marked.lexer(markdown), (token) => void all.push(token));
  return all;
}

export function htmlOf(markdown: string): string {
  return marked.parse(markdown, { async: false });
}

/** The text without markup, as a browser would show it on one line. */
export function visibleText(markdown: string): string {
  const entities: Readonly<Record<string, string>> = {
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    "#39": "'",
    "#124": "|",
    nbsp: " ",
    "#58": ":",
    "#46": ".",
  };
  return htmlOf(markdown)
    .replace(/<[^>]*>/g, "")
    .replace(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .trim();
}

export function isTable(token: Token): token is Tokens.Table {
  return token.type === "table";
}

export function isCode(token: Token): token is Tokens.Code {
  return token.type === "code";
}

export function isLink(token: Token): token is Tokens.Link {
  return token.type === "link";
}
