// The documents are one set: a short README, one index, and each page says whom it is for.

import { globSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { inputSpecs } from "../../src/inputs/schema.ts";
import { readmeInputs } from "../../tools/docs/interface-docs.ts";
import { openingOf, pageGroups } from "../../tools/docs/page-index.ts";
import { readPage } from "./markdown.ts";
import { readText, root } from "./source.ts";

const maxReadmeLines = 150;

/** Listed before they exist: an input and a page are shown with the change that adds them. */
const awaitedInputs = ["verify-url", "on-verify-failure", "answer-pause"];
const awaitedPages = ["migrating.md", "verification.md", "pause-hooks.md"];

const readme = readPage("README.md", readText("README.md"));
const pages = globSync("*.md", { cwd: `${root}/docs` }).sort();
const indexed = Object.values(pageGroups).flat();

const other = globSync(["{examples/*,simulator,bench,__tests__}/README.md"], { cwd: root }).sort();
const withAudience = [
  ...pages.map((page) => `docs/${page}`),
  ...other,
  "CONTRIBUTING.md",
  "SECURITY.md",
];

test(`README.md has at most ${maxReadmeLines} lines`, () => {
  expect(readText("README.md").split("\n").length).toBeLessThanOrEqual(maxReadmeLines);
});

test("the first workflow of README.md is a whole file", () => {
  const [first] = readme.blocks.filter(({ language }) => language === "yaml");
  expect(Object.keys(parse(first?.text ?? ""))).toEqual([
    "name",
    "on",
    "permissions",
    "concurrency",
    "jobs",
  ]);
});

test("README.md lists ten inputs", () => {
  expect(readmeInputs).toHaveLength(10);
  const missing = readmeInputs.filter((name) => !Object.hasOwn(inputSpecs, name));
  expect(awaitedInputs).toEqual(expect.arrayContaining(missing));
});

test("docs/README.md lists every page once", () => {
  const expected = pages.filter((page) => page !== "README.md");
  const missing = indexed.filter((page) => !pages.includes(page));
  expect(awaitedPages).toEqual(expect.arrayContaining(missing));
  expect(indexed.filter((page) => !missing.includes(page)).sort()).toEqual(expected);
});

test("every page of users is linked from README.md, directly or through the index", () => {
  const linked = new Set(["README.md", "docs/README.md"].flatMap(linksFrom));
  expect(pages.filter((page) => !linked.has(`docs/${page}`))).toEqual([]);
});

test.each(withAudience)("%s says in its first line whom it is for", (page) => {
  expect(openingOf(readText(page)).audience).toMatch(/^For \S.*\.$/);
});

describe("a mistake would be found:", () => {
  test("a page that begins with something else", () => {
    expect(openingOf("# Title\n\nThis page is short.\n")).toEqual({
      title: "Title",
      audience: undefined,
    });
    expect(openingOf("# Title\n\nFormats are listed here.\n").audience).toBeUndefined();
  });

  test("a sentence that goes on in the next line is read to its end", () => {
    expect(openingOf("# Title\n\nFor you,\nand me. More.\n").audience).toBe("For you, and me.");
  });
});

/** Files of this repository to which a page links. */
function linksFrom(path: string): readonly string[] {
  const { links } = readPage(path, readText(path));
  return links.map((link) => posix.join(posix.dirname(path), link.split("#")[0] ?? ""));
}
