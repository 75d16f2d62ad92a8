// docs/README.md: every page, with its title and its first sentence, which says whom the page is for.

import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Paths from docs/, by section. A page that does not exist yet is left out. */
export const pageGroups: Readonly<Record<string, readonly string[]>> = {
  start: ["getting-started.md", "migrating.md", "recipes.md"],
  guides: [
    "build.md",
    "image-tags.md",
    "promote.md",
    "task-definition.md",
    "migrations.md",
    "verification.md",
    "pause-hooks.md",
    "express.md",
    "previews.md",
    "notify.md",
    "verbs.md",
    "rehearse.md",
    "terraform.md",
  ],
  reference: ["inputs.md", "outputs.md", "iam.md", "errors.md", "summary.md", "debugging.md"],
  internals: [
    "architecture.md",
    "simulator.md",
    "threat-model.md",
    "security.md",
    "fault-table.md",
  ],
};

const root = join(import.meta.dirname, "../..");

export interface Opening {
  readonly title: string;
  /** `For everybody who …`; undefined: the page does not say whom it is for. */
  readonly audience: string | undefined;
}

/** The title of a page and the first sentence under it. */
export function openingOf(markdown: string): Opening {
  const [heading = "", first = ""] = markdown.split(/\n\n+/);
  const sentence = /^For\b.*?\.(?=\s|$)/s.exec(first)?.[0];
  return { title: heading.replace(/^# /, ""), audience: sentence?.replaceAll("\n", " ") };
}

export function indexSections(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(pageGroups).map(([name, pages]) => [name, `\n${rowsOf(pages)}\n`]),
  );
}

function rowsOf(pages: readonly string[]): string {
  const rows = pages.flatMap((page) => {
    const path = join(root, "docs", page);
    if (!existsSync(path)) return [];
    const { title, audience = "" } = openingOf(readFileSync(path, "utf8"));
    return [`| [${title}](${page}) | ${fromIndex(audience, page)} |`];
  });
  return `| Page | |\n|---|---|\n${rows.join("\n")}`;
}

/** A link of the page, as it is written in docs/README.md. */
function fromIndex(text: string, page: string): string {
  return text.replace(/\]\(([^)#:]+)/g, (_, target: string) => {
    return `](${posix.join(posix.dirname(page), target)}`;
  });
}
