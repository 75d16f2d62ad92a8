// The event that started the workflow, PURE: which pull request it is about.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request

import { type JsonObject, numberOf, objectOf, parseJsonObject, stringOf } from "../json.ts";

export interface WorkflowEvent {
  /** `pull_request`, `schedule` … */
  readonly name: string;
  /** `OWNER/REPO` in which the workflow runs. */
  readonly repository: string;
  /** Absent: the event is about none. */
  readonly pullRequest: PullRequest | undefined;
}

interface PullRequest {
  readonly number: number;
  readonly isOpen: boolean;
  /** Its last commit. */
  readonly headCommit: string | undefined;
  /** `OWNER/REPO` of its branch if that is another repository; "" if that one is deleted. */
  readonly fork: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @param payload the text of the file GITHUB_EVENT_PATH */
export function readEvent(environment: Environment, payload: string): WorkflowEvent {
  const repository = environment.GITHUB_REPOSITORY ?? "";
  return {
    name: environment.GITHUB_EVENT_NAME ?? "",
    repository,
    pullRequest: pullRequestIn(objectOf(parseJsonObject(payload).pull_request), repository),
  };
}

function pullRequestIn(pullRequest: JsonObject, repository: string): PullRequest | undefined {
  const number = numberOf(pullRequest.number);
  if (number === undefined) return undefined;
  const head = objectOf(pullRequest.head);
  const source = stringOf(objectOf(head.repo).full_name) ?? "";
  return {
    number,
    isOpen: pullRequest.state === "open",
    headCommit: stringOf(head.sha),
    fork: source === repository ? undefined : source,
  };
}
