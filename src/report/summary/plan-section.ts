// The plan of a dry run, PURE, as the summary and the output `plan` show it.

import { inlineMarkdown } from "../markdown.ts";

export const dryRunNote = "Dry run: nothing was changed.";

/** An indented line belongs to the line before it. */
export function renderPlan(lines: readonly string[]): string {
  const items = lines.map((line) => {
    if (line.startsWith("  ")) return `  - ${inlineMarkdown(line.trim())}`;
    return `- ${inlineMarkdown(line)}`;
  });
  return ["**Plan**", "", ...items].join("\n");
}
