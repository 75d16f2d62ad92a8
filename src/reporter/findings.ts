// What was found before anything moved, as lines of the log and annotations.

import type { Plan } from "../plan/service-plan.ts";
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
