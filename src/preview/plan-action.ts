// What a step does with previews, PURE: which action for which event.

import { DeployError } from "../errors.ts";
import type { PreviewInputs } from "../inputs/preview-inputs.ts";
import type { WorkflowEvent } from "./event.ts";

export type PreviewAction =
  | { readonly kind: "deploy"; readonly pullRequest: number }
  | { readonly kind: "delete"; readonly pullRequest: number }
  /** Deletes only previews that have expired. */
  | { readonly kind: "sweep" }
  /** Nothing can be done; `why` is a sentence. */
  | { readonly kind: "skip"; readonly why: string };

type ActionInputs = Pick<PreviewInputs, "pullRequest" | "previewDelete">;

/**
 * @param canRequestToken GitHub lets this job ask for an OIDC token
 * @throws DeployError `EventUnsupported`
 */
export function planAction(
  { pullRequest: given, previewDelete }: ActionInputs,
  event: WorkflowEvent,
  canRequestToken: boolean,
): PreviewAction {
  // Its jobs have secrets and tokens also for pull requests from forks, whose code they would build.
  if (event.name === "pull_request_target") throw unsupported(event);
  const { pullRequest: found } = event;
  if (found?.fork !== undefined && !canRequestToken)
    return { kind: "skip", why: noTokenForFork(found.number, found.fork) };
  const pullRequest = given ?? found?.number;
  if (pullRequest === undefined) {
    if (previewDelete) return { kind: "sweep" };
    throw unsupported(event);
  }
  if (previewDelete) return { kind: "delete", pullRequest };
  // Of another pull request the event says nothing.
  if (found?.number === pullRequest && !found.isOpen) return { kind: "delete", pullRequest };
  return { kind: "deploy", pullRequest };
}

function noTokenForFork(number: number, fork: string): string {
  const from = fork === "" ? "a fork" : `the fork ${fork}`;
  return (
    `Pull request ${number} comes from ${from}: GitHub gives it no token for AWS, so it has no ` +
    "preview."
  );
}

function unsupported({ name }: WorkflowEvent): DeployError {
  const isTarget = name === "pull_request_target";
  return new DeployError({
    code: "EventUnsupported",
    message: `The event ${name || "(unknown)"} is not supported: a preview is made of a pull request.`,
    hint: isTarget
      ? "Use the event pull_request. With pull_request_target, the code of a fork could use the " +
        "secrets of this repository."
      : "Use the event pull_request, or give the input pull-request. To delete expired previews " +
        "on a schedule, give preview-delete: true.",
  });
}
