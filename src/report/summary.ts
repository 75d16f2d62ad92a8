// The job summary, PURE: Outcome → Markdown that a person can act on.

import type { Diagnosis } from "../rollout/diagnosis.ts";
import type { Outcome, OutcomeName, ServiceOutcome } from "./outcome.ts";

const headlines: Readonly<Record<OutcomeName, string>> = {
  succeeded: "✅ Deployed",
  unchanged: "✅ Nothing to do: it runs already",
  planned: "📋 Planned, nothing changed",
  "rolled-back": "❌ Rolled back: the earlier revision is running",
  failed: "❌ Failed",
  "timed-out": "❌ Not decided in time",
  superseded: "❌ Superseded by a newer deployment",
  cancelled: "❌ Cancelled",
};

export function renderSummary(outcome: Outcome): string {
  const { services, problem, image } = outcome;
  const headline = outcome.reasonCode === "NotWatched" ? "⚠️ Accepted by ECS, not watched" : headlines[outcome.outcome];
  return [
    `## ${headline}`,
    problem && renderProblem(problem.message, problem.hint),
    services.length > 0 && renderServices(services),
    image && `**Image** \`${image.reference}\`${image.reused ? " (was there already)" : ""}<br>\`${image.digest}\``,
    ...services.map(renderChanges),
    ...services.map(({ diagnosis }) => diagnosis && renderDiagnosis(diagnosis)),
    renderPhases(outcome),
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

function renderProblem(message: string, hint: string | undefined): string {
  return [quoted(message), hint && `**Next**\n\n${fenced(hint)}`].filter(Boolean).join("\n\n");
}

function renderServices(services: readonly ServiceOutcome[]): string {
  const rows = services.map(
    ({ cluster, service, outcome, previousTaskDefinitionArn, taskDefinitionArn, consoleUrl }) => {
      const same = taskDefinitionArn === undefined || taskDefinitionArn === previousTaskDefinitionArn;
      const to = same ? "" : ` → \`${revision(taskDefinitionArn)}\``;
      return `| [${cluster}/${service}](${consoleUrl}) | ${outcome} | \`${revision(previousTaskDefinitionArn)}\`${to} |`;
    },
  );
  return ["| Service | Outcome | Revision |", "| --- | --- | --- |", ...rows].join("\n");
}

function renderChanges({ changes }: ServiceOutcome): string {
  if (changes.length === 0) return "";
  return [
    "**Changed in the task definition**",
    "",
    ...changes.map(({ path, from, to }) => `- \`${path}\`: \`${from}\` → \`${to}\``),
  ].join("\n");
}

function renderDiagnosis({ stopReasons, logTail, missing }: Diagnosis): string {
  return [
    stopReasons.length > 0 &&
      [
        "**Stopped tasks of this deployment**",
        "",
        ...stopReasons.map(({ reason, count }) => `- ${count} × ${escaped(reason)}`),
      ].join("\n"),
    logTail &&
      logTail.lines.length > 0 &&
      `**Last words of \`${logTail.container}\`** (${logTail.logGroup}, ${logTail.logStream})\n\n${fenced(logTail.lines.join("\n"))}`,
    missing.length > 0 &&
      ["**Could not be looked up**", "", ...missing.map((piece) => `- ${escaped(piece)}`)].join("\n"),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function renderPhases({ phases, startedAt, endedAt }: Outcome): string {
  const rows = phases.map((phase) => `| ${phase.title} | ${seconds(phase.endedAt - phase.startedAt)} |`);
  return ["| Phase | Time |", "| --- | ---: |", ...rows, `| **Whole step** | ${seconds(endedAt - startedAt)} |`].join(
    "\n",
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function revision(arn: string): string {
  return arn.split("/").at(-1) ?? arn;
}

function quoted(text: string): string {
  return text
    .split("\n")
    .map((line) => `> ${escaped(line)}  `)
    .join("\n");
}

/** A fence longer than any in the text, so that nothing inside can end it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/([\\`*_[\]|])/g, "\\$1");
}
