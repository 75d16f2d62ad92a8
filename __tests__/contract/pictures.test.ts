// The pictures of the job summary: each is drawn of a scenario, is small, and is described in a page.

import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { pictures, transcriptOf } from "../../tools/pictures/picture-list.ts";
import { readText, root } from "./source.ts";

const files = globSync("docs/pictures/*", { cwd: root }).map((path) => basename(path));
const pages = globSync(["README.md", "docs/*.md"], { cwd: root });
const images = pages.flatMap((page) => imagesIn(readText(page)));

interface Image {
  /** `rolled-back.png` */
  readonly file: string;
  readonly alt: string;
}

/** `<img src="docs/pictures/NAME.png" … alt="…">` */
function imagesIn(markdown: string): readonly Image[] {
  return [...markdown.matchAll(/<img src="(?:docs\/)?pictures\/([^"]+)"([^>]*)>/g)].map(
    ([, file = "", attributes = ""]) => ({
      file,
      alt: attributes.match(/alt="([^"]*)"/)?.[1] ?? "",
    }),
  );
}

/** Listed for a scenario that is not there yet: its picture is drawn with it. */
const awaited = pictures.filter((picture) => transcriptOf(picture, root) === undefined);

test("every picture of the list exists, and no other", () => {
  const expected = pictures.filter((picture) => !awaited.includes(picture));
  expect(files.toSorted()).toEqual(expected.map(({ name }) => `${name}.png`).toSorted());
});

test("only the picture of a failed verification waits for its scenario", () => {
  expect(["", "verification-failed"]).toContain(awaited.map(({ name }) => name).join());
});

test.each(files)("%s is a PNG of at most 150 kB with a palette, described in a page", (file) => {
  const bytes = readFileSync(join(root, "docs/pictures", file));
  expect(bytes.subarray(1, 4).toString("latin1")).toBe("PNG");
  expect(bytes.length).toBeLessThanOrEqual(150_000);
  // The colour type of the header: 3 is a palette (https://www.w3.org/TR/png-3/#11IHDR).
  expect(bytes[25]).toBe(3);
  const alts = images.filter((image) => image.file === file).map(({ alt }) => alt);
  expect(alts).not.toEqual([]);
  for (const alt of alts) expect(alt.length).toBeGreaterThan(40);
});

test("a picture without a description would be found", () => {
  expect(imagesIn('<img src="pictures/x.png" width="5">')).toEqual([{ file: "x.png", alt: "" }]);
});
