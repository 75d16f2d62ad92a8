// Redacts secret values in a plan's text, PURE.

import { redacted } from "../plan/task-definition/diff.ts";
import { redactValues } from "../plan/task-definition/hidden-values.ts";

/** @param values the sensitive values, in plaintext */
export function redactPlanText(text: string, values: readonly string[]): string {
  return withoutEnvironmentValues(redactValues(text, values));
}

const valueLine = /^(\s*(?:[-+~]\s*)?)(value\s*=\s)/;

/**
 * `+ value = "…"` of an environment variable, whatever its name: values of variables are never
 * shown, as without Terraform. A multi-line text and JSON continue below it, indented further, and
 * end at the indentation of the name: `EOT`, `)`.
 */
function withoutEnvironmentValues(text: string): string {
  let column: number | undefined;
  const kept = text.split("\n").flatMap((line) => {
    if (column !== undefined) {
      const indent = line.search(/\S/);
      if (indent < 0 || indent > column) return [];
      const closes = indent === column && /^\s*([)\]}]|EOT\b)/.test(line);
      if (!closes) column = undefined;
      if (closes) return [];
    }
    const [, margin, name] = line.match(valueLine) ?? [];
    if (margin === undefined || name === undefined) return [line];
    column = margin.length;
    return [`${margin}${name}${redacted}`];
  });
  return kept.join("\n");
}
