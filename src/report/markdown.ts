// Markdown that stays valid whatever its texts contain, PURE. Texts come from containers, builds
// and AWS: none of them may open a tag, end a fence, split a table cell, become a formula or an
// emoji, or change the reading direction.

import { splitCodeBlocks } from "../text/code-block.ts";
import { sanitizeLine } from "../text/sanitize.ts";

/** Longer lines are hard to read, and slow in browsers. */
const maxMarkdownLineLength = 2_000;

/**
 * Addresses become links. Quoted pieces, ARNs (`…:secret:key:…` holds an emoji) and digests become
 * code.
 */
const specialText =
  /\b(https?:\/\/[^\s<>"'`|\\()[\]{}$]*[^\s<>"'`|\\()[\]{}$.,;:!?])|`([^`\n]+)`|\b(arn:[^\s`]*[^\s`.,;:)\]])|\b(sha256:[0-9a-f]{12,64})/g;

/** Text on one line, with links and code spans. */
export function inlineMarkdown(text: string): string {
  const line = toSingleLine(text);
  let output = "";
  let from = 0;
  for (const match of line.matchAll(specialText)) {
    const [found, address, ...codes] = match;
    output += escapeMarkdown(line.slice(from, match.index));
    output += address === undefined ? code(codes.join("")) : `<${address}>`;
    from = match.index + found.length;
  }
  return output + escapeMarkdown(line.slice(from));
}

/**
 * A code span; as a tag where backticks or pipes (which end a table cell even in code) would break
 * it.
 */
export function code(text: string): string {
  const line = toSingleLine(text).trim();
  if (line === "") return "";
  if (/[`|\\]/.test(line)) return `<code>${escapeMarkdown(line)}</code>`;
  return `\`${line}\``;
}

/** A block of code with a fence longer than any in the text, so that nothing inside can end it. */
export function fenced(lines: readonly string[], language = "text"): string {
  const body = lines.map((line) => truncateLine(sanitizeLine(line).replace(/[\r\n]+/g, " ")));
  const longest = body
    .flatMap((line) => line.match(/`+/g) ?? [])
    .reduce((max, { length }) => Math.max(max, length), 2);
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, ...body, fence].join("\n");
}

/** Only the text if `url` is undefined. */
export function link(text: string, url: string | undefined): string {
  const shown = escapeMarkdown(toSingleLine(text));
  if (url === undefined) return shown;
  const address = encodeURI(decodeUriSafely(url)).replace(
    /[()|\\]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `[${shown}](${address})`;
}

/** `rows` hold Markdown of one line, made by the functions of this file. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

/**
 * A folded or open part. `title` is plain text: Markdown is not rendered in a line that begins with
 * a tag.
 */
export function details(title: string, body: string, open = false): string {
  return `<details${open ? " open" : ""}>\n<summary>${escapeHtml(toSingleLine(title))}</summary>\n\n${body}\n\n</details>`;
}

/**
 * https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#alerts
 */
export function alert(kind: "CAUTION" | "WARNING" | "NOTE", body: string): string {
  return [`[!${kind}]`, ...body.split("\n")].map((line) => `> ${line}`.trimEnd()).join("\n");
}

/**
 * A message or hint of several lines: `- ` begins a list item, blocks of code stay whole, other
 * lines become paragraphs.
 */
export function paragraphs(text: string): string {
  const blocks: { kind: "prose" | "item" | "code"; lines: string[] }[] = [];
  const append = (kind: "prose" | "item", line: string) => {
    const last = blocks.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else blocks.push({ kind, lines: [line] });
  };
  for (const { language, lines } of splitCodeBlocks(text)) {
    const [line = ""] = lines;
    if (language !== undefined) blocks.push({ kind: "code", lines: [fenced(lines, language)] });
    else if (line.startsWith("- ")) append("item", `- ${inlineMarkdown(line.slice(2))}`);
    else if (line.trim() !== "") append("prose", inlineMarkdown(line));
  }
  return blocks
    .map(({ kind, lines }) => lines.join(kind === "prose" ? "<br>\n" : "\n"))
    .join("\n\n");
}

function toSingleLine(text: string): string {
  return truncateLine(sanitizeLine(text.replace(/\s+/g, " ")).trim());
}

function truncateLine(line: string): string {
  if (line.length <= maxMarkdownLineLength) return line;
  return `${line.slice(0, maxMarkdownLineLength).toWellFormed()} …`;
}

/**
 * Escapes every character that Markdown or HTML could read as markup or as an address. On GitHub
 * `$` opens a formula, `:word:` is an emoji, and `@name` notifies a person.
 */
function escapeMarkdown(text: string): string {
  return escapeHtml(text)
    .replace(/[\\`*_[\]~]/g, "\\$&")
    .replaceAll("|", "&#124;")
    .replaceAll("://", "&#58;//")
    .replace(/www\./gi, (found) => `${found.slice(0, -1)}&#46;`)
    .replaceAll("$", "<span>$</span>")
    .replace(/:(?=(100|[+-]1|[\w+-]*[a-z][\w+-]*):)/gi, ":\u200b")
    .replace(/@(?=\w)/g, "@\u200b")
    .replace(/^(#|[+=-])/, "\\$1")
    .replace(/^(\d+)([.)])/, "$1\\$2");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * encodeURI throws on lone surrogates, and would encode a `%` that is part of an encoding again.
 */
function decodeUriSafely(url: string): string {
  const text = url.toWellFormed();
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}
