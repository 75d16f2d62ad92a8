// The job summary, PURE: Outcome → Markdown, never over GitHub's limit.

import { shortRevision } from "../../ecs/arn.ts";
import { describeSteps, type ProvidedImage } from "../../run/image.ts";
import { isPass, type Outcome, type ServiceOutcome } from "../../run/outcome.ts";
import { formatDuration, pluralize } from "../../text/format.ts";
import { describeServiceOutcome, headlineOf } from "../headline.ts";
import { iconOfService } from "../icons.ts";
import { alert, code, inlineMarkdown, link, table } from "../markdown.ts";
import { dryRunNote, renderPlan } from "./plan-section.ts";
import { renderScan } from "./scan-section.ts";
import { renderChanges, renderProblem, renderSection, type SectionView } from "./section.ts";
import { type SummaryLevel, summaryLevels, textLength, truncateOutcome } from "./summary-size.ts";
import { renderTask } from "./task-section.ts";
import { renderTerraform } from "./terraform-section.ts";

/**
 * GitHub drops a step's summary over 1 MiB. Some room is left, because the runner masks secrets in
 * it afterwards.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
 */
export const summaryBytes = 1_000_000;

export function renderSummary(outcome: Outcome): string {
  const headline = headlineOf(outcome);
  const services = outcome.services.toSorted(
    (a, b) => Number(isPass(a.outcome)) - Number(isPass(b.outcome)),
  );
  let markdown = "";
  for (const level of summaryLevels) {
    const truncated = truncateOutcome({ ...outcome, services }, level);
    if (textLength(truncated) > 2 * summaryBytes) continue;
    markdown = render(truncated, level, { headline, serviceCount: services.length });
    if (Buffer.byteLength(markdown) <= summaryBytes) break;
  }
  return markdown;
}

interface SummaryHead {
  readonly headline: string;
  readonly serviceCount: number;
}

function render(
  outcome: Outcome,
  level: SummaryLevel,
  { headline, serviceCount }: SummaryHead,
): string {
  const { services } = outcome;
  const [only, ...others] = services;
  const shownAtTop = soleFailure(outcome);
  const view = {
    ...level,
    region: outcome.region,
    console: outcome.console,
    logTailsOpen: shownAtTop !== undefined,
    changesShared: sharedChanges(services) !== "",
  };
  const omittedCount = serviceCount - services.length;
  return [
    `## ${inlineMarkdown(headline)}`,
    outcome.outcome === "planned" && dryRunNote,
    renderUrl(services),
    renderNotes(outcome),
    renderProblems(outcome),
    ...services.flatMap(({ notice }) => renderNotice(notice)),
    services.length > 0 && renderServices(services),
    outcome.plan && renderPlan(outcome.plan),
    outcome.terraform && renderTerraform(outcome.terraform, level.details),
    omittedCount > 0 && `… and ${pluralize(omittedCount, "service")} more.`,
    renderVerification(outcome),
    ...(outcome.tasks ?? []).map((task) => renderTask(task, outcome)),
    outcome.passes && renderImage(outcome),
    ...(only && others.length === 0 ? renderSection(only, view) : []),
    !outcome.passes && renderImage(outcome),
    level.details && sharedChanges(services),
    ...(others.length > 0
      ? services.map((service) =>
          renderNamedSection(service, outcome, { isShownAtTop: service === shownAtTop, view }),
        )
      : []),
    renderTimes(outcome),
    level.omitted !== "" &&
      `_Shortened to stay under GitHub's limit of 1 MiB: ${level.omitted} left out._`,
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

/** Several services have theirs in the table. */
function renderUrl([only, ...others]: readonly ServiceOutcome[]): string {
  if (only?.url === undefined || others.length > 0) return "";
  return `**${link(only.url, only.url)}**`;
}

/** A failure is at the top of the page, with the answers. */
function renderVerification({ verification = [] }: Outcome): string {
  const lines = verification.map(({ passed, text }) => {
    const [first = ""] = text.split("\n");
    return `**Verification** ${passed ? "✅" : "❌"} ${inlineMarkdown(first)}`;
  });
  return lines.join("\n\n");
}

function renderNotes({ preview, result }: Outcome): string {
  const notes = preview?.notes ?? result?.notes ?? [];
  return notes.map((note) => `- ${inlineMarkdown(note)}`).join("\n");
}

/** What the user must know although the service succeeded. */
function renderNotice(notice: string | undefined): readonly string[] {
  if (notice === undefined) return [];
  return [alert("NOTE", inlineMarkdown(notice))];
}

/** One alert at the top. With several failures it lists the causes; each section has the rest. */
function renderProblems(outcome: Outcome): string {
  const { problem, services } = outcome;
  if (!problem) return "";
  const failed = services.filter((service) => service.problem);
  if (failed.length < 2)
    return renderProblem(soleFailure({ problem, services }) ?? { problem }, outcome);
  const causes = failed.map(
    (service) => `- ${code(service.service)}: ${inlineMarkdown(shortCause(service))}`,
  );
  return alert("CAUTION", causes.join("\n"));
}

/** The one service that failed, if its failure is what ended the run. */
function soleFailure({
  problem,
  services,
}: Pick<Outcome, "problem" | "services">): ServiceOutcome | undefined {
  const [first, ...others] = services.filter((service) => service.problem);
  if (others.length === 0 && first?.problem?.code === problem?.code) return first;
  return undefined;
}

function shortCause({ diagnosis, problem }: ServiceOutcome): string {
  return diagnosis?.cause ?? problem?.message.split("\n")[0] ?? "";
}

/** Columns that would be empty are left out. */
function renderServices(services: readonly ServiceOutcome[]): string {
  const clusters = new Set(services.map(({ cluster }) => cluster));
  const labelOfService = ({ cluster, service }: ServiceOutcome) => {
    if (clusters.size > 1) return `${cluster}/${service}`;
    return service;
  };
  const columns: readonly (readonly [string, (service: ServiceOutcome) => string])[] = [
    ["Service", (service) => link(labelOfService(service), service.consoleUrl)],
    ["Outcome", renderServiceOutcome],
    [
      "URL",
      ({ url }) => {
        if (url !== undefined && services.length > 1) return link(url, url);
        return "";
      },
    ],
    ["Revision", renderRevisions],
    ["Running now", renderRunning],
    [
      "Rollout",
      ({ end }) => {
        if (end) return formatDuration(end.endedAt - end.startedAt);
        return "";
      },
    ],
  ];
  const rows = services.map((service) => columns.map(([, cell]) => cell(service)));
  const kept = columns.flatMap((_, index) => {
    if (rows.some((row) => row[index] !== "")) return [index];
    return [];
  });
  return table(
    kept.map((index) => columns[index]?.[0] ?? ""),
    rows.map((row) => kept.map((index) => row[index] ?? "")),
  );
}

/** A dry run has one outcome, and the headline names it. */
function renderServiceOutcome(service: ServiceOutcome): string {
  if (service.outcome === "planned") return "";
  return nonBreaking(`${iconOfService(service)} ${service.outcome}`);
}

/** `app:41` → `42` if the service was updated; struck through if that was rolled back. */
function renderRevisions({
  previousTaskDefinitionArn,
  taskDefinitionArn,
  outcome,
  progress,
}: ServiceOutcome): string {
  if (outcome === "planned") return "";
  const before = shortRevision(previousTaskDefinitionArn);
  if (before === "") return code(shortRevision(taskDefinitionArn ?? ""));
  const isUpdated = progress === "updated" || progress === "update-sent";
  if (
    !isUpdated ||
    taskDefinitionArn === undefined ||
    taskDefinitionArn === previousTaskDefinitionArn
  )
    return code(before);
  const [family = "", number = ""] = shortRevision(taskDefinitionArn).split(":");
  const after = code(before.startsWith(`${family}:`) ? number : shortRevision(taskDefinitionArn));
  const shown = outcome === "rolled-back" ? `~~${after}~~` : after;
  return `${code(before)}&nbsp;→&nbsp;${shown}`;
}

function renderRunning({ runningNow }: ServiceOutcome): string {
  if (!runningNow) return "unknown";
  if (runningNow.length === 0) return "**nothing**";
  return runningNow
    .map(
      ({ taskDefinitionArn, tasks, desired }) =>
        `${code(shortRevision(taskDefinitionArn))} (${tasks}&nbsp;of&nbsp;${desired})`,
    )
    .join("<br>");
}

function nonBreaking(text: string): string {
  return text.replaceAll(" ", "&nbsp;");
}

function renderImage({ image }: Outcome): string {
  if (!image) return "";
  const text = [`**Image** (${imageOriginText(image)})`, ...describeImages(image)].join("<br>\n");
  if (image.scan) return `${text}\n\n${renderScan(image.scan)}`;
  return text;
}

function describeImages({ byContainer, reference, digest }: ProvidedImage): readonly string[] {
  if (byContainer.length === 0) return [code(reference), code(digest)];
  return byContainer.flatMap((one) => [
    `${code(one.container)}: ${code(one.reference)}`,
    code(one.digest),
  ]);
}

/** `built and pushed, build 1 min 14 s, 3 of 6 steps from the cache` */
function imageOriginText({ reused, build }: ProvidedImage): string {
  if (reused) return "reused from the repository";
  if (build === undefined) return "built and pushed";
  const duration = build.milliseconds >= 1_000 && `build ${formatDuration(build.milliseconds)}`;
  return ["built and pushed", duration, describeSteps(build)].filter(Boolean).join(", ");
}

/** What several services changed alike, so that it is listed once; else "". */
function sharedChanges(services: readonly ServiceOutcome[]): string {
  const [first = "", ...others] = services.map(renderChanges);
  if (others.length === 0 || others.some((changes) => changes !== first)) return "";
  return first.replace("**\n", ` of all ${pluralize(services.length, "service")}**\n`);
}

/** @param isShownAtTop the service's problem is at the top of the page already */
function renderNamedSection(
  service: ServiceOutcome,
  outcome: Outcome,
  { isShownAtTop, view }: { readonly isShownAtTop: boolean; readonly view: SectionView },
): string {
  const blocks = [
    isShownAtTop ? "" : renderProblem(service, outcome),
    ...renderSection(service, view),
  ].filter((block) => block !== "");
  if (blocks.length === 0) return "";
  return [`### ${inlineMarkdown(describeServiceOutcome(service, outcome))}`, ...blocks].join(
    "\n\n",
  );
}

/**
 * `**Time** 2 min 4 s: Build and push 1 min 14 s · Watch the rollout 50 s`; phases under one second
 * are left out.
 */
function renderTimes({ phases, startedAt, endedAt }: Outcome): string {
  if (phases.length === 0 || endedAt - startedAt < 1_000) return "";
  const parts = phases
    .filter((phase) => phase.endedAt - phase.startedAt >= 1_000)
    .map(
      (phase) =>
        `${inlineMarkdown(phase.title)} ${formatDuration(phase.endedAt - phase.startedAt)}`,
    );
  const total = `**Time** ${formatDuration(endedAt - startedAt)}`;
  if (parts.length === 0) return total;
  return `${total}: ${parts.join(" · ")}`;
}
