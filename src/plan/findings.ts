// What a look before the deployment brings to light, PURE.

import type { DeployErrorDetails } from "../errors.ts";

export type Finding =
  /** Makes the deployment impossible. */
  | ({ readonly severity: "refuse" } & DeployErrorDetails)
  /** It may go wrong. */
  | { readonly severity: "warn"; readonly message: string }
  /** Good to know. */
  | { readonly severity: "note"; readonly message: string }
  /** Known from before: a line of the log, no annotation. */
  | { readonly severity: "known"; readonly message: string }
  /** Nobody could look. */
  | { readonly severity: "not-checked"; readonly what: string; readonly why: string };

export function refuse(code: DeployErrorDetails["code"], message: string, hint?: string): Finding {
  return { severity: "refuse", code, message, ...(hint !== undefined && { hint }) };
}

export function warn(message: string): Finding {
  return { severity: "warn", message };
}

export function note(message: string): Finding {
  return { severity: "note", message };
}

export function known(message: string): Finding {
  return { severity: "known", message };
}

/** Each once: services that share a task definition share its findings. */
export function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...seen.values()];
}

export function refusals(findings: readonly Finding[]): readonly DeployErrorDetails[] {
  return findings.flatMap((finding) => {
    if (finding.severity !== "refuse") return [];
    const { code, message, hint } = finding;
    return [{ code, message, ...(hint !== undefined && { hint }) }];
  });
}
