// What the pages name must exist: files, folders, scripts, links, anchors, reason codes.

import { posix } from "node:path";
import type { Page } from "./markdown.ts";

export interface Repository {
  /** Whether a file, a folder or something that matches a pattern (`*`, `{a,b}`) exists. */
  readonly has: (path: string) => boolean;
  /** Whether a file of this name exists, in any folder. */
  readonly hasName: (name: string) => boolean;
  /** Names of the scripts in package.json. */
  readonly npmScripts: ReadonlySet<string>;
  readonly codes: ReadonlySet<string>;
  /** Words of the sources: names and parts of texts. */
  readonly words: ReadonlySet<string>;
}

const topFolders = "src|script|simulator|__tests__|docs|examples|bench|dist|testing|tools|packages";
const pathLike = /^[\w.@{}*,-]*(?:\/[\w.@{}*,-]+)+\/?$/;
const fileLike = /^[\w-][\w.-]*\.(?:ts|js|mjs|md|ya?ml|jsonc?|tf|sh|py|mmd)$/;
const ownPath = new RegExp(String.raw`(?:^|[\s"'(=])((?:${topFolders})/[\w.@{}*,/-]*[\w}*/])`, "g");
/** Platforms, packages of npm, and paths on a machine. */
const noPath = /^(?:linux\/|@[a-z-]+\/|\/)/;
const pascalCase = /\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b/g;

/** Links to files that do not exist, and to headings that do not exist. One line each. */
export function brokenLinks(pages: readonly Page[], repository: Repository): readonly string[] {
  const anchors = new Map(pages.map((page) => [page.path, page.anchors]));
  return pages.flatMap(({ path, links }) =>
    links.flatMap((link) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [target = "", anchor] = link.split("#", 2);
      const file = target === "" ? path : posix.join(posix.dirname(path), target);
      if (target !== "" && !repository.has(file)) return [`${path}: ${link}: no such file`];
      if (anchor === undefined || anchors.get(file)?.has(anchor)) return [];
      return [`${path}: ${link}: no such heading`];
    }),
  );
}

/** What looks like a path, in code spans, and what looks like one of ours, in code blocks. */
function pathsIn({ spans, blocks }: Page): ReadonlySet<string> {
  const ours = [...spans, ...blocks.map(({ text }) => text)].flatMap((text) =>
    [...text.matchAll(ownPath)].map(([, path = ""]) => path),
  );
  const diagrams = blocks.filter(({ language }) => language === "mermaid");
  const drawn = diagrams.flatMap(({ text }) => text.match(/[\w/-]+\.ts\b/g) ?? []);
  return new Set([
    ...spans.filter((span) => pathLike.test(span) || fileLike.test(span)),
    ...ours,
    ...drawn,
  ]);
}

/** Paths that exist neither from the root, nor from the page's folder, nor in src/. */
export function missingPaths(pages: readonly Page[], repository: Repository): readonly string[] {
  return pages.flatMap((page) => {
    const folder = posix.dirname(page.path);
    const missing = [...pathsIn(page)].filter(
      (path) =>
        !noPath.test(path) &&
        ![path, posix.join(folder, path), posix.join("src", path)].some(repository.has) &&
        !(fileLike.test(path) && repository.hasName(path)),
    );
    return missing.map((path) => `${page.path}: ${path}`);
  });
}

/** `npm run NAME` of a script that package.json does not have. */
export function missingNpmScripts(
  pages: readonly Page[],
  repository: Repository,
): readonly string[] {
  return pages.flatMap(({ path, spans, blocks }) => {
    const texts = [...spans, ...blocks.map(({ text }) => text)];
    const names = texts.flatMap((text) =>
      [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = ""]) => name),
    );
    return names
      .filter((name) => !repository.npmScripts.has(name))
      .map((name) => `${path}: npm run ${name}`);
  });
}

/** Names of the form of a reason code that are neither one, nor a name that the sources know from AWS. */
export function unknownNames(pages: readonly Page[], repository: Repository): readonly string[] {
  return pages.flatMap(({ path, spans, blocks, prose }) => {
    const whole = spans.filter((span) => /^[A-Z][A-Za-z]+$/.test(span));
    const drawn = blocks.filter(({ language }) => language === "mermaid").map(({ text }) => text);
    const names = new Set(
      [...whole, ...drawn, ...prose].flatMap((text) => text.match(pascalCase) ?? []),
    );
    const unknown = [...names].filter(
      (name) => !repository.codes.has(name) && !repository.words.has(name),
    );
    return unknown.map((name) => `${path}: ${name}`);
  });
}

/** Sections of the page of errors that explain a code that does not exist. */
export function unknownSections({ sections }: Page, repository: Repository): readonly string[] {
  return sections.filter((title) => /^[A-Z][A-Za-z]+$/.test(title) && !repository.codes.has(title));
}

/** `[page](tests/page.test.ts) "a title", "another one"` whose file has no such text: proofs by tests that do not exist. */
export function missingTests(
  path: string,
  markdown: string,
  read: (path: string) => string,
): readonly string[] {
  const proofs = [...markdown.matchAll(/\]\(([^)]+\.test\.ts)\)((?:,? "[^"\n]+")*)/g)];
  return proofs.flatMap(([, target = "", titles = ""]) => {
    const text = read(posix.join(posix.dirname(path), target));
    const quoted = [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => title);
    return quoted.filter((title) => !text.includes(title)).map((title) => `${target}: ${title}`);
  });
}
