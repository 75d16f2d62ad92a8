// How a preview is shown in its pull request: a deployment of the environment `pr-N` on GitHub.
// https://docs.github.com/en/rest/deployments

import { messageOf } from "../errors.ts";
import type { Outcome, OutcomeName } from "../run/outcome.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { environmentName } from "./tags.ts";

/** https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status */
type DeploymentState = "success" | "failure" | "error" | "in_progress" | "inactive";

export interface DeploymentStatus {
  readonly environment: string;
  /** Commit that the pull request shows it at. */
  readonly commit: string;
  readonly state: DeploymentState;
  /** Where the preview answers. */
  readonly url: string | undefined;
  /** The run of the workflow. */
  readonly logUrl: string | undefined;
}

/** Deployments of one repository on GitHub. Each function rejects if GitHub refuses it. */
export interface GithubDeployments {
  readonly create: (status: DeploymentStatus) => Promise<void>;
  /** The latest deployment of the environment does not exist any more. */
  readonly deactivate: (environment: string) => Promise<void>;
}

export interface PreviewRuntime extends Runtime {
  /** @param repository `OWNER/REPO` */
  readonly openGithub: (token: string, repository: string) => Promise<GithubDeployments>;
}

const states: Readonly<Record<OutcomeName, DeploymentState>> = {
  succeeded: "success",
  unchanged: "success",
  planned: "success",
  "rolled-back": "failure",
  failed: "failure",
  "timed-out": "error",
  superseded: "error",
  cancelled: "error",
};

function stateOf({ outcome, reasonCode }: Pick<Outcome, "outcome" | "reasonCode">) {
  if (reasonCode === "NotWatched") return "in_progress";
  return states[outcome];
}

/** What a step reports to GitHub. */
export interface StatusReport {
  /** Input `github-token`. */
  readonly token: string;
  readonly repository: string;
  readonly pullRequest: number;
  /** Of the pull request; undefined: the event does not say it. */
  readonly headCommit: string | undefined;
  /** The step deletes the preview. */
  readonly deletes: boolean;
}

/** A failure is one warning: the URL is in the summary and in the output, too. */
export async function reportStatus(
  { token, repository, pullRequest, headCommit, deletes }: StatusReport,
  outcome: Outcome,
  { openGithub, environment: variables, reporter, commit }: PreviewRuntime,
): Promise<void> {
  const environment = environmentName(pullRequest);
  try {
    const github = await openGithub(token, repository);
    if (deletes) {
      if (outcome.passes) await github.deactivate(environment);
      return;
    }
    await github.create({
      environment,
      commit: headCommit ?? commit,
      state: stateOf(outcome),
      url: outcome.services[0]?.url,
      logUrl: runUrl(variables),
    });
  } catch (error) {
    reporter.warning(
      `The deployment status of ${environment} could not be written on GitHub: ` +
        `${messageOf(error)}. The job needs \`permissions: deployments: write\`. The preview is ` +
        "not affected.",
    );
  }
}

function runUrl({
  GITHUB_SERVER_URL,
  GITHUB_REPOSITORY,
  GITHUB_RUN_ID,
}: PreviewRuntime["environment"]): string | undefined {
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_RUN_ID) return undefined;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
}
