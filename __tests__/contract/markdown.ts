// Reads a Markdown page: what it names in code spans, where it links to, and which anchors it has.

import { marked, type Token, type Tokens } from "marked";

export interface Page {
  readonly path: string;
  /** Code spans, as they are written: `docs/errors.md`. */
  readonly spans: readonly string[];
  /** Targets of links and pictures: `../README.md#inputs`. */
  readonly links: readonly string[];
  /** Anchors that GitHub makes of the headings: `how-it-ends`. */
  readonly anchors: ReadonlySet<string>;
  /** Text of the headings of the second level. */
  readonly sections: readonly string[];
  readonly blocks: readonly CodeBlock[];
  /** Text outside code spans and code blocks. */
  readonly prose: readonly string[];
}

export interface CodeBlock {
  /** `yaml`; empty if the page does not say. */
  readonly language: string;
  readonly text: string;
}

/** @param path from the root, with forward slashes */
export function readPage(path: string, markdown: string): Page {
  const spans: string[] = [];
  const links: string[] = [];
  const headings: Tokens.Heading[] = [];
  const blocks: CodeBlock[] = [];
  const prose: string[] = [];
  // Synchronous: nothing in the callback waits.
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type === "codespan") spans.push(token.text);
    else if (token.type === "link" || token.type === "image") links.push(token.href);
    else if (token.type === "html") links.push(...linksOfHtml(token.text));
    else if (token.type === "heading") headings.push(token as Tokens.Heading);
    else if (token.type === "code") blocks.push({ language: token.lang ?? "", text: token.text });
    else if (token.type === "text" && !token.tokens) prose.push(token.text);
  });
  const titles = headings.map(({ tokens }) => plainText(tokens));
  const sections = titles.filter((_, index) => headings[index]?.depth === 2);
  return { path, spans, links, anchors: anchorsOf(titles), sections, blocks, prose };
}

function linksOfHtml(html: string): readonly string[] {
  return [...html.matchAll(/\b(?:href|src)="([^"]+)"/g)].map(([, target = ""]) => target);
}

function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => ("tokens" in token && token.tokens ? plainText(token.tokens) : token.raw))
    .join("");
}

/** GitHub's rule: lower case, without punctuation, blanks as hyphens; a heading that is there twice gets a number. */
function anchorsOf(titles: readonly string[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const title of titles) {
    const slug = title
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
