// The commands of a page: what is in its ```sh blocks, to be run as it stands there.

import { type CodeBlock, readPage } from "../contract/markdown.ts";
import { readText } from "../contract/source.ts";

/**
 * The shell blocks of a page's sections, in the page's order, as one script.
 * @param titles beginnings of headings of the second level: `2.`
 */
export function commandsOf(path: string, titles: readonly string[]): string {
  const sections = readText(path).split(/^(?=## )/m);
  const wanted = titles.map((title) => {
    const found = sections.filter((section) => section.startsWith(`## ${title}`));
    if (found.length !== 1) throw new Error(`${path} has ${found.length} sections "${title}"`);
    return found[0] ?? "";
  });
  return wanted.flatMap((section) => shellBlocks(path, section)).join("\n");
}

function shellBlocks(path: string, section: string): readonly string[] {
  const isShell = ({ language }: CodeBlock) => language === "sh";
  const blocks = readPage(path, section).blocks.filter(isShell);
  if (blocks.length === 0) throw new Error(`${path} has no command in ${section.slice(0, 40)}`);
  return blocks.map(({ text }) => text);
}
