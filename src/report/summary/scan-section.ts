// The summary of an image scan, PURE: the counts and the five most severe findings.

import type { ScanReport } from "../../run/image.ts";
import { inlineMarkdown, table } from "../markdown.ts";

export function renderScan({ counts, worst }: ScanReport): string {
  if (counts.length === 0) return "**Scan** no findings";
  const countsText = counts.map(([severity, count]) => `${count} ${severity}`).join(", ");
  const rows = worst.map(({ severity, name, where: affectedPackage }) => [
    severity,
    inlineMarkdown(name),
    inlineMarkdown(affectedPackage),
  ]);
  return [
    `**Scan** ${countsText}`,
    ...(rows.length > 0 ? [table(["Severity", "Finding", "In"], rows)] : []),
  ].join("\n\n");
}
