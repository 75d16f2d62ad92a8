// Deployments on GitHub, through its own client. Only this file uses it, and it is loaded only with
// a token: docs/decisions/0014-octokit-only-for-previews.md

import { getOctokit } from "@actions/github";
import { DeployError } from "../errors.ts";
import type { GithubDeployments } from "./deployment-status.ts";

/** @param connect makes the requests, through the runner's proxy */
export function openGithub(
  token: string,
  repository: string,
  connect: typeof fetch,
): GithubDeployments {
  const { repos } = getOctokit(token, { request: { fetch: connect } }).rest;
  const [owner = "", repo = ""] = repository.split("/");
  return {
    async create({ environment, commit, state, url, logUrl }) {
      const { data } = await repos.createDeployment({
        owner,
        repo,
        ref: commit,
        environment,
        auto_merge: false,
        required_contexts: [],
        transient_environment: true,
        production_environment: false,
      });
      // 202: GitHub has merged the base branch instead, which auto_merge rules out.
      if (!("id" in data))
        throw new DeployError({
          code: "Bug",
          message: data.message ?? "GitHub has created no deployment",
        });
      await repos.createDeploymentStatus({
        owner,
        repo,
        deployment_id: data.id,
        state,
        environment,
        environment_url: url ?? "",
        log_url: logUrl ?? "",
      });
    },

    async deactivate(environment) {
      const { data } = await repos.listDeployments({ owner, repo, environment, per_page: 1 });
      for (const { id } of data)
        await repos.createDeploymentStatus({ owner, repo, deployment_id: id, state: "inactive" });
    },
  };
}
