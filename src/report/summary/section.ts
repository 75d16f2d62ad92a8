// What the summary tells of one service, PURE: why it failed and where to look, how its tasks went, what changed.
import type { ErrorCode } from "../../errors.ts";
import type { Diagnosis } from "../../run/diagnosis.ts";
import { helpUrl, isPass, type Outcome, type ServiceOutcome } from "../../run/outcome.ts";
import type { RolloutEnd } from "../../run/rollout-end.ts";
import {
  type ConsolePlace,
  eventsUrl,
  logStreamUrl,
  type ServicePlace,
  tasksUrl,
  taskUrl,
} from "../../text/console-links.ts";
import { counted, shortRevision } from "../../text/format.ts";
import { describeHidden, mayTellValues, shortened } from "../changes.ts";
import { renderCounts } from "../charts.ts";
import { alert, code, details, fenced, link, paragraphs, prose, table } from "../markdown.ts";
import type { Fit } from "./summary-size.ts";

export interface SectionView extends Fit, ConsolePlace {
  /** Log tails stand open where there is only one failure to read. */
  readonly open: boolean;
}

/** All blocks in the order in which somebody at night needs them; empty when there is nothing to tell. */
export function renderSection(service: ServiceOutcome, view: SectionView): readonly string[] {
  const course = view.charts && service.end ? renderCourse(service.end) : "";
  const changes = view.details ? renderChanges(service) : "";
  const blocks = isPass(service.outcome)
    ? [changes, course]
    : [
        ...(service.diagnosis
          ? renderFailure(
              service.diagnosis,
              { ...service, region: view.region, console: view.console },
              view,
            )
          : []),
        course,
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
    cause ? `**${prose(cause)}**` : "",
    paragraphs(message),
    problem.hint ? `**What to do**<br>\n${paragraphs(problem.hint)}` : "",
    renderHelp(problem.code, page),
  ];
  return alert(tolerated ? "WARNING" : "CAUTION", blocks.filter(Boolean).join("\n\n"));
}

/** A page without a host is a file of this repository, which the summary cannot link. */
function renderHelp(problemCode: ErrorCode, page: Pick<Outcome, "errorsPage">): string {
  const url = helpUrl(page, problemCode);
  return `More about ${/^https?:/.test(url) ? link(problemCode, url) : `${problemCode}: ${code(url)}`}`;
}

function renderFailure(
  diagnosis: Diagnosis,
  place: ServicePlace,
  view: SectionView,
): readonly string[] {
  return [
    renderLogTail(diagnosis, view),
    view.details ? renderStopReasons(diagnosis, place) : "",
    renderFindings(diagnosis),
    renderMissing(diagnosis),
  ];
}

function renderLogTail({ logTail }: Diagnosis, { open }: SectionView): string {
  if (!logTail || logTail.lines.length === 0) return "";
  const title = `Last ${counted(logTail.lines.length, "line")} of container ${logTail.container}, task ${logTail.taskId}`;
  return details(title, fenced(logTail.lines), open);
}

/** One reason alone may be in the cause already. */
function renderStopReasons({ stopReasons, cause }: Diagnosis, place: ServicePlace): string {
  if (stopReasons.every(({ reason }) => cause.includes(reason))) return "";
  return table(
    ["Tasks", "Stopped because", "Look at"],
    stopReasons.map(({ reason, count, taskIds }) => [
      String(count),
      prose(reason),
      taskIds.map((id) => link(id.slice(0, 8), taskUrl(place, id))).join(" "),
    ]),
  );
}

/** What else was recognised, and what ECS itself went by: the circuit breaker's count and the alarms. */
function renderFindings({ otherCauses, findings, breaker, triggeredAlarms }: Diagnosis): string {
  const trips = breaker?.threshold === undefined ? "" : `, it trips at ${breaker.threshold}`;
  const state = breaker?.tripped ? "Circuit breaker **tripped**" : "Circuit breaker";
  return [
    ...otherCauses.map(({ cause, count }) => `- Also, ${counted(count, "task")}: ${prose(cause)}`),
    ...findings.map((finding) => `- ${prose(finding)}`),
    ...(breaker ? [`- ${state}: ${counted(breaker.failedTasks, "failed task")}${trips}`] : []),
    ...(triggeredAlarms.length > 0
      ? [`- Alarms that went off: ${triggeredAlarms.map(code).join(", ")}`]
      : []),
  ].join("\n");
}

/** The colours are named above the chart: Mermaid's own legend says no numbers, and older versions draw none. */
function renderCourse({ history, endedAt }: RolloutEnd): string {
  const chart = renderCounts(history, endedAt);
  const last = history.at(-1);
  if (chart === undefined || !last) return "";
  const most = Math.max(...history.map(({ pending }) => pending));
  const legend = `🟩 running (${last.running} of ${last.wanted} at the end) &nbsp; 🟨 pending (at most ${most}) &nbsp; 🟥 failed (${last.failed})`;
  return `**Tasks of this deployment** &nbsp; ${legend}\n\n${fenced(chart.split("\n"), "mermaid")}`;
}

function renderEvents({ end }: ServiceOutcome, view: SectionView): string {
  if (!end || !view.details) return "";
  const { deployment, snapshot } = end;
  const events = (snapshot.service?.events ?? []).filter(
    ({ createdAt }) => createdAt >= deployment.startedAt,
  );
  if (events.length === 0) return "";
  const time = (at: number) => new Date(at).toISOString().slice(11, 19);
  const lines = events
    .toReversed()
    .map(({ createdAt, message }) => `${time(createdAt)}  ${message}`);
  return details(
    `${counted(events.length, "service event")} since the update (UTC)`,
    fenced(lines),
  );
}

function renderMissing({ missing }: Diagnosis): string {
  if (missing.length === 0) return "";
  return ["**Could not be looked up**", "", ...missing.map((piece) => `- ${prose(piece)}`)].join(
    "\n",
  );
}

function renderLinks(
  { cluster, service, consoleUrl, diagnosis }: ServiceOutcome,
  { region, console }: ConsolePlace,
): string {
  if (console === undefined) return "";
  const place = { region, console, cluster, service };
  const tail = diagnosis?.logTail;
  const links = [
    link("Deployments", consoleUrl),
    link("Tasks", tasksUrl(place)),
    link("Events", eventsUrl(place)),
    tail && link("Log stream", logStreamUrl(place, tail.logGroup, tail.logStream)),
  ];
  return `**In the AWS console** &nbsp; ${links.filter(Boolean).join(" · ")}`;
}

/** Only what was changed: a dry run has its plan, and before the registration there is nothing. */
function renderChanges({ changes, outcome, progress, taskDefinitionArn }: ServiceOutcome): string {
  if (changes.length === 0 || outcome === "planned" || progress === "untouched") return "";
  const rows = changes.map((change) => {
    const { path, from, to } = shortened(change);
    const values = mayTellValues(change)
      ? `${code(from) || "none"} → ${code(to)}`
      : describeHidden(change);
    return `- ${code(path)} &nbsp; ${values}`;
  });
  const title =
    progress === "registered"
      ? `**Changed in the task definition** (${code(shortRevision(taskDefinitionArn ?? ""))}, registered and not deployed)`
      : "**Changed in the task definition**";
  return [title, "", ...rows].join("\n");
}
