// Phrases that users should not have to read: riddles, proverbs, words of our own for what AWS, GitHub and Docker have a word for.

import ts from "typescript";

interface BannedPhrase {
  /** As it is said here. */
  readonly phrase: string;
  readonly found: RegExp;
  readonly instead: string;
}

export const bannedPhrases: readonly BannedPhrase[] = [
  { phrase: "one a line", found: /\bone a line\b/i, instead: "one per line" },
  { phrase: "last words", found: /\blast words\b/i, instead: "last log lines" },
  { phrase: "frozen", found: /\b(?:un)?(?:freezes?|frozen)\b/i, instead: "immutable" },
  { phrase: "go back", found: /\b(?:go|goes|going|gone|went) back\b/i, instead: "roll back" },
  { phrase: "way back", found: /\bways? back\b/i, instead: "rollback" },
  {
    phrase: "take away",
    found: /\b(?:take|takes|taken|took|taking)(?: \w+)? away\b/i,
    instead: "remove",
  },
  {
    phrase: "take over",
    found: /\b(?:takes?|took|taking|taken) over\b/i,
    instead: "replace, supersede",
  },
  { phrase: "again and again", found: /\bagain and again\b/i, instead: "repeatedly" },
  { phrase: "in trouble", found: /\bin trouble\b/i, instead: "unavailable, does not work" },
  { phrase: "take the place of", found: /\b(?:takes?|took) the place of\b/i, instead: "replace" },
  {
    phrase: "is through",
    found: /\b(?:is|are|was|were|be) through(?: with\b|(?=[.,;:)]|$))/im,
    instead: "has finished",
  },
  { phrase: "come through", found: /\b(?:comes?|came) through\b/i, instead: "succeed" },
  {
    phrase: "did not hold",
    found: /\bdid not hold\b|\bdo(?:es)? not hold(?=[.,;:)]|$)/im,
    instead: "failed",
  },
  {
    phrase: "is other",
    found: /\b(?:is|are) other(?=[.,;:)]|$)|\bnothing is other\b/im,
    instead: "is different",
  },
  {
    phrase: "for nobody",
    found: /, for (?:nobody|somebody|there|it|they)\b/i,
    instead: "because …",
  },
  { phrase: "clear text", found: /\bclear[- ]text\b/i, instead: "plaintext" },
  { phrase: "names no cause", found: /\bnames? no cause\b/i, instead: "reported no cause" },
  { phrase: "is at it", found: /\b(?:is|are) at it\b/i, instead: "is in progress" },
  {
    phrase: "tell the truth",
    found: /\btell(?:s|ing)? the truth\b|\btells? of\b/i,
    instead: "verify, report",
  },
  {
    phrase: "is told as",
    found: /\b(?:is|are|was|were) told\b/i,
    instead: "is reported, is shown",
  },
  { phrase: "somebody", found: /\b(?:somebody|nobody)\b/i, instead: "another user or process" },
  { phrase: "typing error", found: /\btyping errors?\b/i, instead: "typo" },
  { phrase: "percents", found: /\bpercents\b/i, instead: "percentages" },
  { phrase: "what is there", found: /\bwhat is there\b/i, instead: "the current state" },
  { phrase: "weaknesses", found: /\bweaknesses\b/i, instead: "vulnerabilities" },
  { phrase: "has the say", found: /\b(?:has|keeps?|have) (?:the|its) say\b/i, instead: "decides" },
  { phrase: "anew", found: /\banew\b/i, instead: "again" },
  { phrase: "for ever", found: /\bfor ever\b/i, instead: "forever, without a limit" },
  { phrase: "in vain", found: /\bin vain\b/i, instead: "without success" },
  {
    phrase: "what becomes of",
    found: /\bwhat (?:becomes?|became) of\b/i,
    instead: "the state, the result",
  },
  { phrase: "see to it", found: /\b(?:sees?|saw|seen) to (?:it|that)\b/i, instead: "make sure" },
  { phrase: "as it stands", found: /\bas (?:it|they) stands?\b/i, instead: "unchanged" },
  { phrase: "know nothing", found: /\bknows? nothing\b/i, instead: "does not depend on" },
  { phrase: "in a box", found: /\bin a box\b/i, instead: "simulated" },
];

/** Texts by file: what a user reads of it. */
export type Texts = ReadonlyMap<string, string>;

/** `file: phrase`, once for each pair. */
export function phrasesIn(texts: Texts): readonly string[] {
  return [...texts].flatMap(([file, text]) =>
    bannedPhrases.filter(({ found }) => found.test(text)).map(({ phrase }) => `${file}: ${phrase}`),
  );
}

/** Where the phrases stand, for the message of a failed test. */
export function placesOf(texts: Texts, wanted: ReadonlySet<string>): readonly string[] {
  return [...texts].flatMap(([file, text]) =>
    text.split("\n").flatMap((line) =>
      bannedPhrases
        .filter(({ phrase, found }) => wanted.has(`${file}: ${phrase}`) && found.test(line))
        .map(({ found, instead }) => {
          const at = line.search(found);
          return `${file}: "${line.slice(Math.max(0, at - 40), at + 40).trim()}" (better: ${instead})`;
        }),
    ),
  );
}

/**
 * The string literals and templates of a TypeScript source, one per line: identifiers, comments and
 * import paths do not count. A text that is joined from several lines with `+` is one text.
 */
export function textsOfSource(path: string, source: string): string {
  const texts: string[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const isPart = ts.isBinaryExpression(node.parent ?? node) && textOf(node.parent) !== undefined;
    const text = isPart ? undefined : textOf(node);
    if (text !== undefined) texts.push(text);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true));
  return texts.join("\n");
}

/** Of a literal, a template or a sum of these, with `…` for what is filled in. undefined: it is no text. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(({ literal }) => literal.text);
    return [node.head.text, ...spans].join("…");
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken)
    return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}
