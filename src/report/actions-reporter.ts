// The only file that writes to the runner: groups, annotations, masks, outputs, summary. Printed
// texts are sanitized, because they may come from outside; masks and outputs are data and stay
// unchanged.

import * as core from "@actions/core";
import type { SourceLine } from "../errors.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { Outcome } from "../run/outcome.ts";
import { appendAtomically, writeError } from "../runtime/runner-files.ts";
import { withoutFences } from "../text/code-block.ts";
import { sanitizeLine, sanitizeText } from "../text/sanitize.ts";
import { annotationText } from "./annotation.ts";

export function createActionsReporter(): Reporter {
  // A closed log stream (EPIPE) must not end the watch of a deployment.
  process.stdout.on("error", () => {});
  return {
    phase: (title, work) => core.group(sanitizeLine(title), work),
    info(text) {
      for (const line of sanitizeMessage(text).split("\n")) core.info(line);
    },
    notice: (message) => core.notice(sanitizeMessage(message)),
    warning: (message, at) => core.warning(sanitizeMessage(message), annotationLocationOf(at)),
    debug(line) {
      if (core.isDebug()) core.debug(sanitizeText(line));
    },
    debugCauses(error) {
      for (let cause = error; cause instanceof Error; cause = cause.cause)
        core.debug(sanitizeText(cause.stack ?? cause.message));
    },
    mask(secret) {
      if (secret !== "") core.setSecret(secret);
    },
    output: (name, value) => appendAtomically("GITHUB_OUTPUT", () => core.setOutput(name, value)),
  };
}

/** The one annotation of a run with a problem: an error, or a warning if the inputs tolerate it. */
export function annotate(outcome: Outcome): void {
  const annotateWith = outcome.passes ? core.warning : core.error;
  annotateWith(sanitizeText(annotationText(outcome)), {
    title: titleOf(outcome),
    ...annotationLocationOf(outcome.problem?.at),
  });
}

/** In a pull request it must not look like a deployment. */
function titleOf({ verb, reasonCode }: Outcome): string {
  if (verb === "rehearse") return `Rehearsal: ${reasonCode}`;
  return reasonCode;
}

function sanitizeMessage(text: string): string {
  return sanitizeText(withoutFences(text));
}

function annotationLocationOf(at: SourceLine | undefined): core.AnnotationProperties {
  if (!at) return {};
  const file = sanitizeLine(at.file.replace(/^\.\//, ""));
  if (at.line === undefined) return { file };
  return { file, startLine: at.line };
}

/**
 * Some runners (local ones) have no summary file; the log has the same facts.
 * @throws Error whose message names the file
 */
export async function writeSummary(markdown: string): Promise<void> {
  if (!process.env.GITHUB_STEP_SUMMARY) return;
  try {
    await core.summary.addRaw(markdown, true).write();
  } catch (error) {
    throw writeError("GITHUB_STEP_SUMMARY", error);
  }
}

/** @throws Error whose message names the file */
export function saveState(name: string, value: string): void {
  appendAtomically("GITHUB_STATE", () => core.saveState(name, value));
}
