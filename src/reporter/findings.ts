// Findings and decisions of the plan, as lines of the log, annotations and debug lines.

import type { Plan } from "../plan/service-plan.ts";
import type { Draft } from "../plan/task-definition/draft.ts";
import type { Reporter } from "./reporter.ts";

export function reportFindings({ findings }: Pick<Plan, "findings">, reporter: Reporter): void {
  for (const finding of findings) {
    if (finding.severity === "warn") reporter.warning(finding.message);
    if (finding.severity === "note") reporter.notice(finding.message);
    if (finding.severity === "known") reporter.info(finding.message);
    if (finding.severity === "not-checked")
      reporter.notice(`Not checked: ${finding.what}. ${finding.why}`);
  }
}

/**
 * For the debug log: why an image is reused or built, and why a container gets it. A rollback has
 * no image and prints nothing.
 */
export function reportDecisions(
  { image }: Pick<Plan, "image">,
  drafts: readonly Draft[],
  reporter: Reporter,
): void {
  if (!image) return;
  if (image.from === "repository") reporter.debug(image.decision);
  for (const { service, containers, containerReason } of drafts)
    reporter.debug(
      `${service.name}: container ${containers.join(", ")} gets the image: ${containerReason}`,
    );
}
