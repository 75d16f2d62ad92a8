// The whole workflows of a page, to be run as they stand there.

import { readPage } from "../contract/markdown.ts";
import { readText } from "../contract/source.ts";

/** In the page's order, those of one section of the second level: `## Use it`. */
export function workflowsOf(path: string, section: string): readonly string[] {
  const parts = readText(path).split(/^(?=## )/m);
  const found = parts.filter((part) => part.startsWith(`## ${section}\n`));
  if (found.length !== 1) throw new Error(`${path} has ${found.length} sections "${section}"`);
  const texts = readPage(path, found[0] ?? "").blocks.map(({ text }) => text);
  const workflows = texts.filter((text) => /^on:/m.test(text) && /^jobs:/m.test(text));
  if (workflows.length === 0) throw new Error(`${path} has no workflow in "${section}"`);
  return workflows;
}
