// The headline of an action that deploys to no service, PURE.

import type { Outcome } from "../run/outcome.ts";
import { formatDuration } from "../text/format.ts";
import { failurePhrase } from "./failure-phrase.ts";

/** Without icon. After a failure it says only what is known for certain. */
export function verbHeadline(outcome: Outcome): string {
  const { passes, result, image, tasks, reasonCode, startedAt, endedAt } = outcome;
  if (passes && result?.changed)
    return `${result.headline} in ${formatDuration(endedAt - startedAt)}`;
  if (passes) return result?.headline ?? "Nothing to do";
  const failure = failurePhrase({ reasonCode }, outcome);
  if (image) return `${failure}; ${image.reference} is in the repository`;
  const exitCode = tasks?.[0]?.exitCode;
  if (reasonCode === "TaskFailed" && exitCode !== undefined)
    return `${failure} with exit code ${exitCode}`;
  return failure;
}
