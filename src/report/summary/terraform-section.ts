// The summary of Terraform, PURE: what it changes, by address; Terraform's own text is folded.

import type { TerraformOutcome } from "../../run/outcome.ts";
import { pluralize } from "../../text/format.ts";
import { code, details, fenced, table } from "../markdown.ts";

export function renderTerraform(
  { directory, changes, text, applyState }: TerraformOutcome,
  withPlanText: boolean,
): string {
  if (changes.length === 0) return `**Terraform** ${code(directory)}: nothing to change`;
  const rows = changes.map(({ address, action }) => [action, code(address)]);
  return [
    `**Terraform** ${code(directory)}: ${pluralize(changes.length, "change")}, ` +
      `${applyStateTexts[applyState]}`,
    table(["", "Resource"], rows),
    withPlanText &&
      text !== "" &&
      details("Output of terraform plan", fenced(text.split("\n"), "diff")),
  ]
    .filter(Boolean)
    .join("\n\n");
}

const applyStateTexts: Readonly<Record<TerraformOutcome["applyState"], string>> = {
  not: "not applied",
  begun: "**apply interrupted**",
  whole: "applied",
  failed: "**apply failed**",
};
