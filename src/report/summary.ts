// The job summary, PURE: Outcome → Markdown that a tired person can act on. Never over GitHub's limit.

import type { RolloutEnd } from "../rollout/watch.ts";
import { renderPhases } from "./charts.ts";
import { alert, code, fenced, link, prose, table } from "./markdown.ts";
import { isPass, type Outcome, type ServiceOutcome } from "./outcome.ts";
import { renderScan } from "./scan-section.ts";
import { renderProblem, renderSection, type SectionView } from "./section.ts";
import { type Fit, fits, shrink, weigh } from "./shrink.ts";
import { renderTask } from "./task-section.ts";
import { renderTerraform } from "./terraform-section.ts";
import { counted, formatDuration, iconOf, iconOfService, shortRevision } from "./wording.ts";

/**
 * A step's summary over 1 MiB is dropped whole. Some room is left, for the runner masks secrets in it after us.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
 */
export const summaryBytes = 1_000_000;

export function renderSummary(outcome: Outcome): string {
  const services = outcome.services.toSorted(
    (one, other) => Number(isPass(one.outcome)) - Number(isPass(other.outcome)),
  );
  let markdown = "";
  for (const fit of fits) {
    const shrunk = shrink({ ...outcome, services }, fit);
    if (weigh(shrunk) > 2 * summaryBytes) continue;
    markdown = render(shrunk, fit, services.length);
    if (Buffer.byteLength(markdown) <= summaryBytes) break;
  }
  return markdown;
}

function render(outcome: Outcome, fit: Fit, serviceCount: number): string {
  const { services } = outcome;
  const [only, ...others] = services;
  const told = toldAtTheTop(outcome);
  const view = { ...fit, region: outcome.region, open: told !== undefined };
  const left = serviceCount - services.length;
  return [
    `## ${headline(outcome, serviceCount)}`,
    renderProblems(outcome),
    services.length > 0 && renderServices(services),
    outcome.plan && renderPlan(outcome.plan),
    outcome.terraform && renderTerraform(outcome.terraform, fit.details),
    left > 0 && `… and ${counted(left, "service")} more.`,
    ...(outcome.tasks ?? []).map((task) => renderTask(task, outcome.region)),
    outcome.passes && renderImage(outcome),
    ...(only && others.length === 0 ? renderSection(only, view) : []),
    !outcome.passes && renderImage(outcome),
    ...(others.length > 0 ? services.map((service) => renderNamedSection(service, service === told, view)) : []),
    renderTimes(outcome, fit),
    fit.leftOut !== "" && `_Shortened to stay under GitHub's limit of 1 MiB: ${fit.leftOut} left out._`,
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

/** The plan's own words, so that a reader of a pull request needs no log. */
function renderPlan(lines: readonly string[]): string {
  const items = lines.map((line) => (line.startsWith("  ") ? `  - ${prose(line.trim())}` : `- ${prose(line)}`));
  return ["**The plan**", "", ...items].join("\n");
}

function headline(outcome: Outcome, serviceCount: number): string {
  const { services, reasonCode, startedAt, endedAt } = outcome;
  const icon = iconOf(outcome.outcome, outcome.passes);
  const [first] = services;
  if (reasonCode === "NotWatched") return "⚠️ Accepted by ECS, not watched";
  if (!first) return isPass(outcome.outcome) ? `${icon} Nothing to do` : `${icon} Failed: ${reasonCode}`;
  const failed = services.filter((service) => !isPass(service.outcome)).length;
  if (serviceCount > 1 && failed > 0) return `${icon} ${failed} of ${serviceCount} services failed`;
  const name = serviceCount > 1 ? `${serviceCount} services` : prose(revisionName(first));
  switch (outcome.outcome) {
    case "succeeded":
      return `${icon} Deployed ${name} in ${formatDuration(endedAt - startedAt)}`;
    case "unchanged":
      if (outcome.terraform?.applied === "whole" && outcome.terraform.changes.length > 0)
        return `${icon} Applied: ${name} ${serviceCount > 1 ? "run" : "runs"} as before`;
      return `${icon} Nothing to do: ${name} ${serviceCount > 1 ? "are" : "is"} up to date`;
    case "planned":
      return `${icon} Planned, nothing changed`;
    case "rolled-back":
      return `${icon} Rolled back: ${name} did not hold`;
    case "failed":
      if (failed === 0) return `${icon} Deployed ${name}, but not all is well (${reasonCode})`;
      return `${icon} Not deployed: ${name} (${reasonCode})`;
    case "timed-out":
      return `${icon} Not through in time: ${name}`;
    case "superseded":
      return `${icon} Superseded: something newer took the place of ${name}`;
    case "cancelled":
      return `${icon} Cancelled`;
  }
}

function revisionName({ taskDefinitionArn, previousTaskDefinitionArn }: ServiceOutcome): string {
  return shortRevision(taskDefinitionArn ?? previousTaskDefinitionArn);
}

/** One alert, at the top. Of several failures it lists the causes; each section has the rest. */
function renderProblems({ problem, services }: Outcome): string {
  if (!problem) return "";
  const failed = services.filter((service) => service.problem);
  if (failed.length < 2) return renderProblem(toldAtTheTop({ problem, services }) ?? { problem });
  const causes = failed.map((service) => `- ${code(service.service)}: ${prose(briefly(service))}`);
  return alert("CAUTION", causes.join("\n"));
}

/** The one service that failed, if its failure is what ended the run. */
function toldAtTheTop({ problem, services }: Pick<Outcome, "problem" | "services">): ServiceOutcome | undefined {
  const [first, ...others] = services.filter((service) => service.problem);
  return others.length === 0 && first?.problem?.code === problem?.code ? first : undefined;
}

function briefly({ diagnosis, problem }: ServiceOutcome): string {
  return diagnosis?.cause ?? problem?.message.split("\n")[0] ?? "";
}

function renderServices(services: readonly ServiceOutcome[]): string {
  const clusters = new Set(services.map(({ cluster }) => cluster));
  const nameOf = ({ cluster, service }: ServiceOutcome) => (clusters.size > 1 ? `${cluster}/${service}` : service);
  return table(
    ["Service", "Outcome", "Revision", "Running now", "Rollout"],
    services.map((service) => [
      link(nameOf(service), service.consoleUrl),
      unbroken(`${iconOfService(service)} ${service.outcome}`),
      renderRevisions(service),
      service.end ? renderRunning(service.end) : "",
      service.end ? unbroken(formatDuration(service.end.endedAt - service.end.deployment.startedAt)) : "",
    ]),
  );
}

/** `app:41` → `42`; struck out when it did not stay. */
function renderRevisions({ previousTaskDefinitionArn, taskDefinitionArn, outcome }: ServiceOutcome): string {
  const before = shortRevision(previousTaskDefinitionArn);
  if (before === "") return code(shortRevision(taskDefinitionArn ?? ""));
  if (taskDefinitionArn === undefined || taskDefinitionArn === previousTaskDefinitionArn) return code(before);
  const [family = "", number = ""] = shortRevision(taskDefinitionArn).split(":");
  const after = code(before.startsWith(`${family}:`) ? number : shortRevision(taskDefinitionArn));
  return `${code(before)}&nbsp;→&nbsp;${outcome === "rolled-back" ? `~~${after}~~` : after}`;
}

function renderRunning({ snapshot: { service } }: RolloutEnd): string {
  if (!service) return "not known";
  const running = service.deployments.filter(({ runningCount }) => runningCount > 0);
  if (running.length === 0) return "**nothing**";
  return running
    .map(
      ({ taskDefinitionArn, runningCount }) =>
        `${code(shortRevision(taskDefinitionArn))} ${unbroken(`(${runningCount} of ${service.desiredCount})`)}`,
    )
    .join("<br>");
}

function unbroken(text: string): string {
  return text.replaceAll(" ", "&nbsp;");
}

function renderImage({ image }: Outcome): string {
  if (!image) return "";
  const told = `**Image** (${image.reused ? "was in the repository already" : "built and pushed"})<br>\n${code(image.reference)}<br>\n${code(image.digest)}`;
  return image.scan ? `${told}\n\n${renderScan(image.scan)}` : told;
}

function renderNamedSection(service: ServiceOutcome, told: boolean, view: SectionView): string {
  const blocks = [told ? "" : renderProblem(service), ...renderSection(service, view)].filter((block) => block !== "");
  if (blocks.length === 0) return "";
  return [`### ${iconOfService(service)} ${prose(service.service)}`, ...blocks].join("\n\n");
}

function renderTimes({ phases, startedAt, endedAt }: Outcome, { charts }: Fit): string {
  if (phases.length === 0) return "";
  const title = `**Time** ${formatDuration(endedAt - startedAt)} in all`;
  if (charts) return `${title}\n\n${fenced(renderPhases(phases).split("\n"), "mermaid")}`;
  return `${title}: ${phases.map((phase) => `${prose(phase.title)} ${formatDuration(phase.endedAt - phase.startedAt)}`).join(", ")}`;
}
