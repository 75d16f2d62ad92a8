// The summary of a one-off task, PURE: one line, and its log tail.

import { resourceId } from "../../ecs/arn.ts";
import type { TaskOutcome } from "../../run/outcome.ts";
import { type ConsoleLocation, logStreamUrl, taskUrl } from "../../text/console-links.ts";
import { formatDuration, pluralize } from "../../text/format.ts";
import { taskTitles } from "../failure-phrase.ts";
import { code, details, fenced, link } from "../markdown.ts";

function commandOf(command: readonly string[]): string {
  if (command.length === 0) return "";
  return `${code(command.join(" "))} `;
}

export function renderTask(task: TaskOutcome, { region, console }: ConsoleLocation): string {
  const { moment, cluster, container, command, taskArn, exitCode, succeeded, logTail } = task;
  const duration = formatDuration(task.endedAt - task.startedAt);
  const links = [
    taskArn && link("Task", taskUrl({ region, console, cluster }, resourceId(taskArn))),
    logTail &&
      link("Log stream", logStreamUrl({ region, console }, logTail.logGroup, logTail.logStream)),
  ].filter((taskLink) => taskLink && console !== undefined);
  const line = [
    `**${taskTitles[moment]}** ${succeeded ? "✅" : "❌"} ${commandOf(command)}in container ` +
      `${code(container)}`,
    exitCode === undefined ? "exit code unknown" : `exit code ${exitCode}`,
    [duration, ...links].join(" · "),
  ].join(", ");
  if (!logTail || logTail.lines.length === 0) return line;
  const logTitle = `Last ${pluralize(logTail.lines.length, "line")} of its log`;
  return `${line}\n\n${details(logTitle, fenced(logTail.lines), !succeeded)}`;
}
