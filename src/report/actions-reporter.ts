// The only room that speaks to the runner: groups, annotations, masks, outputs, summary.

import * as core from "@actions/core";
import type { DeployErrorDetails } from "../errors.ts";
import { harmlessLine } from "./harmless.ts";
import type { Reporter } from "./reporter.ts";

export function createActionsReporter(): Reporter {
  return {
    phase: (title, work) => core.group(title, work),
    info(line) {
      for (const one of line.split(/\r?\n/)) core.info(harmlessLine(one));
    },
    notice: (message) => core.notice(message),
    warning: (message) => core.warning(message),
    debug: (text) => core.debug(text),
    mask(secret) {
      if (secret !== "") core.setSecret(secret);
    },
    output: (name, value) => core.setOutput(name, value),
  };
}

/** GitHub cuts a message at 4096 characters (FACTS G); what is cut stands in the summary. */
const annotationLimit = 4096;

/** The one annotation of a run that did not pass: its title is the code. */
export function annotate({ code, message, hint }: DeployErrorDetails, helpUrl: string): void {
  const help = `\nMore: ${helpUrl}`;
  const told = [message, hint].filter(Boolean).join("\n");
  const room = annotationLimit - help.length;
  core.error(`${told.length > room ? `${told.slice(0, room - 1)}…` : told}${help}`, { title: code });
}

/** Stack and causes, for debug logging only. */
export function debugCauses(error: unknown): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause) core.debug(cause.stack ?? cause.message);
}

/** Not every runner has a summary file (local runners); the log has said it all then. */
export async function writeSummary(markdown: string): Promise<void> {
  if (!process.env.GITHUB_STEP_SUMMARY) return;
  await core.summary.addRaw(markdown, true).write();
}
