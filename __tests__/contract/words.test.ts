// What users read is plain technical English: no banned phrase in pages, examples, messages and transcripts.

import { globSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bannedPhrases, phrasesIn, placesOf, type Texts, textsOfSource } from "./banned-phrases.ts";
import { readSources, readText, root } from "./source.ts";

/** A file or a folder, and a phrase. */
type Exemption = readonly [path: string, phrase: string];

/** Files whose whole text is read by users. */
const read = [
  "action.yml",
  "*.md",
  "{docs,examples,simulator,bench,__tests__}/**/*.md",
  ".github/**/*.{md,yml}",
  "examples/**/*.{yml,tf,mmd,sh}",
  "__tests__/scenarios/transcripts/*.txt",
];
const files = globSync(read, { cwd: root, exclude: ["**/node_modules"] }).sort();
const texts: Texts = new Map([
  ...files.map((file) => [file, readText(file)] as const),
  ...[...readSources("src")].map(([path, source]) => [path, textsOfSource(path, source)] as const),
]);

/** Files or folders that still have a phrase. This list only shrinks: an entry that is needed no more fails. */
const exempt: readonly Exemption[] = [];

test("no banned phrase is read by users", () => {
  const found = phrasesIn(texts);
  expect(placesOf(texts, new Set(notExempt(found, exempt)))).toEqual([]);
  expect(notNeeded(found, exempt)).toEqual([]);
});

test("the texts of every kind are read", () => {
  const expected = [
    "README.md",
    "action.yml",
    "docs/errors.md",
    "src/deploy.ts",
    "examples/clockko/README.md",
  ];
  expect([...texts.keys()]).toEqual(expect.arrayContaining(expected));
  expect(
    files.filter((file) => file.startsWith("__tests__/scenarios/transcripts/")).length,
  ).toBeGreaterThan(100);
});

describe("a phrase would be found:", () => {
  test.each(bannedPhrases)("$phrase", ({ phrase }) => {
    const sentences = new Map([["a.md", sentenceWith(phrase)]]);
    expect(phrasesIn(sentences)).toContain(`a.md: ${phrase}`);
  });

  test("in a string or a template of a source, not in a comment or a name", () => {
    const source = `// frozen\nconst goBack = \`It went \${where} and \${who} went back\`; const a = 'frozen' as const;`;
    const given = new Map([["a.ts", textsOfSource("a.ts", source)]]);
    expect(phrasesIn(given)).toEqual(["a.ts: frozen", "a.ts: go back"]);
    expect(placesOf(given, new Set(["a.ts: go back"]))).toEqual([
      'a.ts: "It went … and … went back" (better: roll back)',
    ]);
  });

  test("in a text that is joined from two lines", () => {
    const source = `const hint = "the service goes " +\n  \`back to \${revision}\`;`;
    const given = new Map([["a.ts", textsOfSource("a.ts", source)]]);
    expect(phrasesIn(given)).toEqual(["a.ts: go back"]);
  });

  test("unless it is exempt; an exemption of nothing is found, too", () => {
    const found = ["docs/a.md: frozen", "src/b.ts: frozen"];
    const exemptions: readonly Exemption[] = [
      ["src/", "frozen"],
      ["src/", "anew"],
    ];
    expect(notExempt(found, exemptions)).toEqual(["docs/a.md: frozen"]);
    expect(notNeeded(found, exemptions)).toEqual([["src/", "anew"]]);
  });

  test("and no other sentence", () => {
    const plain =
      "It rolls back through the load balancer. The file does not hold a secret. It is in another region.";
    expect(phrasesIn(new Map([["a.md", plain]]))).toEqual([]);
  });
});

function notExempt(found: readonly string[], exemptions: readonly Exemption[]): readonly string[] {
  return found.filter((each) => !exemptions.some((exemption) => covers(exemption, each)));
}

function notNeeded(
  found: readonly string[],
  exemptions: readonly Exemption[],
): readonly Exemption[] {
  return exemptions.filter((exemption) => !found.some((each) => covers(exemption, each)));
}

function covers([path, phrase]: Exemption, found: string): boolean {
  return found.startsWith(path) && found.endsWith(`: ${phrase}`);
}

function sentenceWith(phrase: string): string {
  const sentences: Readonly<Record<string, string>> = {
    "did not hold": "The new version did not hold.",
    "for nobody": "It fails, for nobody asked.",
    "is through": "The deployment is through.",
    "tell the truth": "It tells the truth.",
    "is told as": "It is told as a failure.",
    "has the say": "ECS has the say.",
    "is other": "Nothing is other.",
  };
  return sentences[phrase] ?? `One ${phrase} more.`;
}
