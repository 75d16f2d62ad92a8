// The summary's section about one service, PURE: why it failed and where to look, how its tasks
// went, what changed.

import { shortRevision } from "../../ecs/arn.ts";
import { describeResource, pendingResources } from "../../ecs/express.ts";
import type { ErrorCode } from "../../errors.ts";
import type { Diagnosis } from "../../run/diagnosis.ts";
import { helpUrl, isPass, type Outcome, type ServiceOutcome } from "../../run/outcome.ts";
import {
  type ConsoleLocation,
  eventsUrl,
  logStreamUrl,
  type ServiceConsoleLocation,
  tasksUrl,
  taskUrl,
} from "../../text/console-links.ts";
import { pluralize } from "../../text/format.ts";
import { describeHiddenChange, mayShowChange, shortenImage } from "../changes.ts";
import {
  alert,
  code,
  details,
  fenced,
  inlineMarkdown,
  link,
  paragraphs,
  table,
} from "../markdown.ts";
import { renderNewTasks } from "./new-tasks-section.ts";
import type { SummaryLevel } from "./summary-size.ts";

export interface SectionView extends SummaryLevel, ConsoleLocation {
  /** Log tails are open if there is only one failure. */
  readonly logTailsOpen: boolean;
  /** All services have the same changes, which the page lists once. */
  readonly changesShared: boolean;
}

/** The blocks, the most urgent first; empty when there is nothing to report. */
export function renderSection(service: ServiceOutcome, view: SectionView): readonly string[] {
  const tasks = service.end ? renderNewTasks(service.end, view) : "";
  const changes = view.details && !view.changesShared ? renderChanges(service) : "";
  const blocks = isPass(service.outcome)
    ? [changes, tasks]
    : [
        ...renderFailure(service, view),
        tasks,
        renderEvents(service, view),
        renderLinks(service, view),
        changes,
      ];
  return blocks.filter((block) => block !== "");
}

/** Cause first and in bold, then what happened and what runs, then what to do. */
export function renderProblem(
  { problem, diagnosis, tolerated }: Pick<ServiceOutcome, "problem" | "diagnosis" | "tolerated">,
  page: Pick<Outcome, "errorsPage">,
): string {
  if (!problem) return "";
  const cause = diagnosis?.cause;
  const message = problem.message
    .split("\n")
    .filter((line) => line !== cause)
    .join("\n");
  const blocks = [
    cause ? `**${inlineMarkdown(cause)}**` : "",
    paragraphs(message),
    problem.hint ? `**What to do**<br>\n${paragraphs(problem.hint)}` : "",
    renderHelp(problem.code, page),
  ];
  return alert(tolerated ? "WARNING" : "CAUTION", blocks.filter(Boolean).join("\n\n"));
}

/** A page without a host is a file of this repository, to which the summary cannot link. */
function renderHelp(problemCode: ErrorCode, page: Pick<Outcome, "errorsPage">): string {
  const url = helpUrl(page, problemCode);
  if (/^https?:/.test(url)) return `More about ${link(problemCode, url)}`;
  return `More about ${problemCode}: ${code(url)}`;
}

function renderFailure(service: ServiceOutcome, view: SectionView): readonly string[] {
  const { diagnosis } = service;
  if (!diagnosis) return [];
  const location = { ...service, region: view.region, console: view.console };
  return [
    renderLogTail(diagnosis, view),
    view.details ? renderStopReasons(diagnosis, location) : "",
    renderFindings(diagnosis),
    renderMissing(diagnosis),
  ];
}

function renderLogTail({ logTail }: Diagnosis, { logTailsOpen }: SectionView): string {
  if (!logTail || logTail.lines.length === 0) return "";
  const title =
    `Last ${pluralize(logTail.lines.length, "line")} of container ${logTail.container}, task ` +
    `${logTail.taskId}`;
  return details(title, fenced(logTail.lines), logTailsOpen);
}

/** Left out if the cause quotes all reasons already. */
function renderStopReasons(
  { stopReasons, cause }: Diagnosis,
  location: ServiceConsoleLocation,
): string {
  if (stopReasons.every(({ reason }) => cause.includes(reason))) return "";
  return table(
    ["Tasks", "Stopped reason", "Task"],
    stopReasons.map(({ reason, count, taskIds }) => [
      String(count),
      inlineMarkdown(reason),
      taskIds.map((id) => link(id.slice(0, 8), taskUrl(location, id))).join(" "),
    ]),
  );
}

/** Other causes, and what ECS decided on: the circuit breaker's count and the alarms. */
function renderFindings({
  otherCauses,
  notes,
  breaker,
  triggeredAlarms,
  infrastructure,
}: Diagnosis): string {
  const pending = infrastructure ? pendingResources(infrastructure) : [];
  const threshold = breaker?.threshold === undefined ? "" : `, it trips at ${breaker.threshold}`;
  const state = breaker?.tripped ? "Circuit breaker **tripped**" : "Circuit breaker";
  return [
    ...otherCauses.map(
      ({ cause, count }) => `- Also, ${pluralize(count, "task")}: ${inlineMarkdown(cause)}`,
    ),
    ...notes.map((note) => `- ${inlineMarkdown(note)}`),
    ...(breaker
      ? [`- ${state}: ${pluralize(breaker.failedTasks, "failed task")}${threshold}`]
      : []),
    ...(triggeredAlarms.length > 0
      ? [`- Alarms that went off: ${triggeredAlarms.map(code).join(", ")}`]
      : []),
    ...pending.map((resource) => `- Not ready: ${inlineMarkdown(describeResource(resource))}`),
  ].join("\n");
}

function renderEvents({ end }: ServiceOutcome, view: SectionView): string {
  if (!end || !view.details) return "";
  const { startedAt, snapshot } = end;
  const events = (snapshot.service?.events ?? []).filter(({ createdAt }) => createdAt >= startedAt);
  if (events.length === 0) return "";
  const time = (at: number) => new Date(at).toISOString().slice(11, 19);
  const lines = events
    .toReversed()
    .map(({ createdAt, message }) => `${time(createdAt)}  ${message}`);
  return details(
    `${pluralize(events.length, "service event")} since the update (UTC)`,
    fenced(lines),
  );
}

function renderMissing({ missing }: Diagnosis): string {
  if (missing.length === 0) return "";
  return [
    "**Could not be looked up**",
    "",
    ...missing.map((piece) => `- ${inlineMarkdown(piece)}`),
  ].join("\n");
}

function renderLinks(
  { cluster, service, consoleUrl, diagnosis }: ServiceOutcome,
  { region, console }: ConsoleLocation,
): string {
  if (console === undefined) return "";
  const location = { region, console, cluster, service };
  const tail = diagnosis?.logTail;
  const links = [
    link("Deployments", consoleUrl),
    link("Tasks", tasksUrl(location)),
    link("Events", eventsUrl(location)),
    tail && link("Log stream", logStreamUrl(location, tail.logGroup, tail.logStream)),
  ];
  return `**In the AWS console** &nbsp; ${links.filter(Boolean).join(" · ")}`;
}

/**
 * Only changes that were made: a dry run has its plan, and before the registration there are none.
 */
export function renderChanges({
  changes,
  outcome,
  progress,
  taskDefinitionArn,
}: ServiceOutcome): string {
  if (changes.length === 0 || outcome === "planned" || progress === "untouched") return "";
  const rows = changes.map((change) => {
    const { path, from, to } = shortenImage(change);
    const values = mayShowChange(change)
      ? `${code(from) || "none"} → ${code(to)}`
      : describeHiddenChange(change);
    return `- ${code(path)} &nbsp; ${values}`;
  });
  const title =
    progress === "registered"
      ? `**Changed in the task definition** (${code(shortRevision(taskDefinitionArn ?? ""))}, ` +
        "registered, not deployed)"
      : "**Changed in the task definition**";
  return [title, "", ...rows].join("\n");
}
