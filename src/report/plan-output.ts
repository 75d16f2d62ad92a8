// The output `plan`, PURE: a dry run as Markdown for a comment on a pull request.

import type { Outcome } from "../run/outcome.ts";
import { pluralize } from "../text/format.ts";
import { headlineOf } from "./headline.ts";
import { inlineMarkdown } from "./markdown.ts";
import { dryRunNote, renderPlan } from "./summary/plan-section.ts";
import { renderTerraform } from "./summary/terraform-section.ts";

/** Of UTF-8. GitHub's limit for a comment is 65,536 characters. */
export const planBytes = 60_000;

/** What Terraform printed is cut first, then the end of the plan; the text says so. */
export function renderPlanOutput(outcome: Outcome): string {
  const { terraform } = outcome;
  const lines = terraform?.text.split("\n") ?? [];
  let kept = lines.length;
  let markdown = renderPlanWith(outcome, lines, kept);
  while (byteLength(markdown) > planBytes && kept > 0) {
    kept = Math.floor(kept * 0.9);
    markdown = renderPlanWith(outcome, lines, kept);
  }
  if (byteLength(markdown) <= planBytes) return markdown;
  return cutAtLine(markdown);
}

function renderPlanWith(outcome: Outcome, terraformLines: readonly string[], kept: number): string {
  const { terraform, plan = [] } = outcome;
  const omitted = terraformLines.length - kept;
  return [
    `### ${inlineMarkdown(headlineOf(outcome))}`,
    dryRunNote,
    plan.length > 0 && renderPlan(plan),
    terraform &&
      renderTerraform({ ...terraform, text: terraformLines.slice(0, kept).join("\n") }, kept > 0),
    omitted > 0 && leftOut(omitted, "of the output of terraform plan"),
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

function leftOut(count: number, what: string): string {
  return `_Shortened: the last ${pluralize(count, "line")} ${what} left out. The job summary has all of it._`;
}

/** The plan without Terraform's output has no block that could stay open. */
function cutAtLine(markdown: string): string {
  const lines = markdown.trimEnd().split("\n");
  const note = (count: number) => `\n${leftOut(count, "of this plan")}\n`;
  let room = planBytes - byteLength(note(lines.length)) - 1;
  const end = lines.findIndex((line) => {
    room -= byteLength(line) + 1;
    return room < 0;
  });
  return `${lines.slice(0, end).join("\n")}\n${note(lines.length - end)}`;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
