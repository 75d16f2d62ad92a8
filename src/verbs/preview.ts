// The step of the action `preview`: reads the event, and creates, updates or deletes a preview.

import type { PreviewInputs } from "../inputs/preview-inputs.ts";
import type { InputSource } from "../inputs/read.ts";
import { readPreviewInputs } from "../inputs/read-verb.ts";
import { runStep } from "../main.ts";
import { deleteExpiredPreviews, deletePreview } from "../preview/delete-preview.ts";
import { deployPreview } from "../preview/deploy-preview.ts";
import {
  type PreviewRuntime,
  reportStatus,
  type StatusReport,
} from "../preview/deployment-status.ts";
import { readEvent, type WorkflowEvent } from "../preview/event.ts";
import { type PreviewAction, planAction } from "../preview/plan-action.ts";
import { openPreviewSession } from "../preview/session.ts";
import type { Outcome } from "../run/outcome.ts";
import type { RunState } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** The step with any runtime: never rejects; every failure is in the outcome. */
export async function runPreview(
  source: InputSource<string>,
  runtime: PreviewRuntime,
): Promise<Outcome> {
  let status: StatusReport | undefined;
  const outcome = await runStep("preview", runtime, async (checked, runState) => {
    const { environment } = runtime;
    const event = readEvent(
      environment,
      source.readText(environment.GITHUB_EVENT_PATH ?? "") ?? "",
    );
    const inputs = await readPreviewInputs(source, event.pullRequest?.isOpen === false);
    const action = planAction(inputs, event, Boolean(environment.ACTIONS_ID_TOKEN_REQUEST_URL));
    status = statusReport(inputs, event, action);
    if (status) runtime.mask(status.token);
    await perform(action, { inputs, event, runtime: checked, runState });
  });
  if (status) await reportStatus(status, outcome, runtime);
  return outcome;
}

function statusReport(
  { githubToken: token }: PreviewInputs,
  { repository, pullRequest: found }: WorkflowEvent,
  action: PreviewAction,
): StatusReport | undefined {
  if (token === undefined || action.kind === "skip" || action.kind === "sweep") return undefined;
  const { pullRequest, kind } = action;
  const headCommit = found?.number === pullRequest ? found.headCommit : undefined;
  return { token, repository, pullRequest, headCommit, deletes: kind === "delete" };
}

interface PreviewStep {
  readonly inputs: PreviewInputs;
  readonly event: WorkflowEvent;
  readonly runtime: Runtime;
  readonly runState: RunState;
}

async function perform(action: PreviewAction, step: PreviewStep): Promise<void> {
  const { inputs, event, runtime, runState } = step;
  if (action.kind === "skip") {
    runtime.reporter.notice(action.why);
    runState.preview = { headline: action.why, notes: [], deleted: false };
    return;
  }
  const session = await openPreviewSession(inputs, event.repository, runtime);
  if (action.kind === "deploy") {
    await deployPreview(inputs, action.pullRequest, session, runtime, runState);
    return;
  }
  if (action.kind === "delete") {
    const { pullRequest } = action;
    const { errorsPage } = runState;
    runState.preview = await deletePreview(inputs, pullRequest, session, runtime, errorsPage);
  }
  const swept = await deleteExpiredPreviews(session, runtime);
  const { headline = sweepHeadline(swept), notes = [], deleted = false } = runState.preview ?? {};
  runState.preview = {
    headline,
    notes: [...notes, ...swept],
    deleted: deleted || swept.length > 0,
  };
}

function sweepHeadline({ length }: readonly string[]): string {
  if (length === 0) return "Nothing to do: no preview has expired";
  return "Deleted expired previews";
}
