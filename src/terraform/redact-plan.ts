// A plan's text without what nobody may read, PURE.

import { redacted } from "../plan/task-definition/diff.ts";
import { redactValues } from "../plan/task-definition/hidden-values.ts";

/** @param values sensitive ones, as they are */
export function redactPlanText(text: string, values: readonly string[]): string {
  return withoutEnvironmentValues(redactValues(text, values));
}

const valueLine = /^(\s*(?:[-+~]\s*)?)(value\s*=\s)/;

/**
 * `+ value = "…"` of an environment variable, whatever its name: values of variables are never told, as in ECS mode. A text of several
 * lines and one that is JSON go on below it, further to the right, and end where the name began: `EOT`, `)`.
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
