// What the checks before the deployment find, PURE.

import type { DeployErrorDetails } from "../errors.ts";

/** Every refusal of the preflight says so. */
export const nothingChanged = "Nothing was built or changed.";

export type PlanFinding =
  /** Makes the deployment impossible. */
  | ({ readonly severity: "refuse" } & DeployErrorDetails)
  /** The deployment may fail or have problems. */
  | { readonly severity: "warn"; readonly message: string }
  /** For information only. */
  | { readonly severity: "note"; readonly message: string }
  /** A known condition: a line in the log, no annotation. */
  | { readonly severity: "known"; readonly message: string }
  /** The check could not be made. */
  | { readonly severity: "not-checked"; readonly what: string; readonly why: string };

export function blockingFinding(
  code: DeployErrorDetails["code"],
  message: string,
  hint?: string,
): PlanFinding {
  return { severity: "refuse", code, message, hint };
}

export function warning(message: string): PlanFinding {
  return { severity: "warn", message };
}

export function notice(message: string): PlanFinding {
  return { severity: "note", message };
}

export function logOnly(message: string): PlanFinding {
  return { severity: "known", message };
}

/** Each finding once: services with the same task definition have the same findings. */
export function distinctFindings(findings: readonly PlanFinding[]): readonly PlanFinding[] {
  const seen = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...seen.values()];
}

export function blockingProblems(findings: readonly PlanFinding[]): readonly DeployErrorDetails[] {
  return findings.flatMap((finding) => {
    if (finding.severity !== "refuse") return [];
    const { code, message, hint } = finding;
    return [{ code, message, hint }];
  });
}
