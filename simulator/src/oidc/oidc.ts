// GitHub's OIDC provider, and the token endpoint that a runner gives its job.
// https://docs.github.com/en/actions/reference/security/oidc

import { randomBytes, randomUUID } from "node:crypto";
import type { SimulatorClock, WireRequest, WireResponse } from "../contract.ts";
import { type Claims, createSigningKey, type SigningKey, signJwt } from "./jwt.ts";

export const githubIssuer = "https://token.actions.githubusercontent.com";

/** The job that requests tokens. */
export interface Job {
  /** `octo/app`. */
  readonly repository: string;
  readonly repositoryId: string;
  readonly repositoryOwnerId: string;
  /** `refs/heads/main`. */
  readonly ref: string;
  readonly sha: string;
  readonly eventName: string;
  /** The deployment environment, if the job has one. */
  readonly environment?: string;
  /** File name in .github/workflows. */
  readonly workflowFile: string;
  readonly workflow: string;
  readonly actor: string;
  readonly actorId: string;
  readonly runId: string;
  /**
   * How `sub` names the repository: by name, or by names with ids, as for repositories created
   * after 2026-07-15.
   */
  readonly subject: "names" | "immutable";
}

export const defaultJob: Job = {
  repository: "octo/app",
  repositoryId: "700100200",
  repositoryOwnerId: "500600",
  ref: "refs/heads/main",
  sha: "7c2d1f0a9b8e7d6c5b4a39281706f5e4d3c2b1a0",
  eventName: "push",
  workflowFile: "deploy.yml",
  workflow: "Deploy",
  actor: "octocat",
  actorId: "583231",
  runId: "11000000001",
  subject: "names",
};

export interface Oidc {
  readonly job: Job;
  readonly jwks: readonly SigningKey["jwk"][];
  /** A token as the endpoint issues it. */
  issue(audience?: string): string;
  /** The endpoints below `/_oidc/`. */
  handle(request: WireRequest): WireResponse;
  /** The variables that a runner sets for a job with `id-token: write`. */
  environment(baseUrl: string): {
    readonly ACTIONS_ID_TOKEN_REQUEST_URL: string;
    readonly ACTIONS_ID_TOKEN_REQUEST_TOKEN: string;
  };
  /** The request token and every JWT issued so far. */
  secrets(): readonly string[];
}

let processKey: SigningKey | undefined;

/**
 * One key pair for all simulators of a process: generating one takes 100 ms, and scenarios do not
 * need separate ones.
 */
function signingKey(): SigningKey {
  processKey ??= createSigningKey(randomUUID());
  return processKey;
}

export function createOidc(options: {
  readonly clock: SimulatorClock;
  readonly job?: Partial<Job>;
}): Oidc {
  const job: Job = { ...defaultJob, ...options.job };
  const key = signingKey();
  const requestToken = randomBytes(48).toString("base64url");
  const issued: string[] = [];

  const issue = (audience = `https://github.com/${ownerOf(job)}`) => {
    const token = signJwt(claimsOf(job, audience, Math.floor(options.clock.now() / 1000)), key);
    issued.push(token);
    return token;
  };

  return {
    job,
    jwks: [key.jwk],
    issue,
    handle(request) {
      const url = new URL(request.path, githubIssuer);
      if (request.method !== "GET") return json(405, { message: "Method not allowed" });
      switch (url.pathname) {
        case "/_oidc/token":
          // The scheme's name is case-insensitive; the runner's toolkit writes `Bearer`, GitHub's
          // documentation `bearer`.
          if (
            !/^bearer /i.test(request.headers["authorization"] ?? "") ||
            request.headers["authorization"]?.slice(7) !== requestToken
          ) {
            return json(401, { message: "Unauthorized" });
          }
          return json(200, { value: issue(url.searchParams.get("audience") ?? undefined) });
        case "/_oidc/.well-known/jwks":
          return json(200, { keys: [key.jwk] });
        case "/_oidc/.well-known/openid-configuration":
          return json(200, discovery());
        default:
          return json(404, { message: "Not found" });
      }
    },
    environment: (baseUrl) => ({
      // The toolkit appends `&audience=…`, so the URL must already have a query.
      ACTIONS_ID_TOKEN_REQUEST_URL: `${baseUrl}/_oidc/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
    }),
    secrets: () => [requestToken, ...issued],
  };
}

/** `repo:octo/app:ref:refs/heads/main` and similar; a colon inside a value is escaped. */
export function subjectOf(job: Job): string {
  const [owner = "", name = ""] = job.repository.split("/");
  const repository =
    job.subject === "immutable"
      ? `${owner}@${job.repositoryOwnerId}/${name}@${job.repositoryId}`
      : job.repository;
  if (job.environment)
    return `repo:${repository}:environment:${job.environment.replaceAll(":", "%3A")}`;
  if (job.eventName === "pull_request") return `repo:${repository}:pull_request`;
  return `repo:${repository}:ref:${job.ref.replaceAll(":", "%3A")}`;
}

function claimsOf(job: Job, audience: string, now: number): Claims {
  return {
    jti: randomUUID(),
    sub: subjectOf(job),
    aud: audience,
    ref: job.ref,
    ref_type: job.ref.startsWith("refs/tags/") ? "tag" : "branch",
    sha: job.sha,
    repository: job.repository,
    repository_id: job.repositoryId,
    repository_owner: ownerOf(job),
    repository_owner_id: job.repositoryOwnerId,
    repository_visibility: "private",
    event_name: job.eventName,
    ...(job.environment ? { environment: job.environment } : {}),
    workflow: job.workflow,
    workflow_ref: workflowRef(job),
    job_workflow_ref: workflowRef(job),
    actor: job.actor,
    actor_id: job.actorId,
    run_id: job.runId,
    run_number: "1",
    run_attempt: "1",
    runner_environment: "github-hosted",
    iss: githubIssuer,
    nbf: now - 600,
    iat: now,
    exp: now + 300,
  };
}

function ownerOf(job: Job): string {
  return job.repository.split("/")[0] ?? "";
}

function workflowRef(job: Job): string {
  return `${job.repository}/.github/workflows/${job.workflowFile}@${job.ref}`;
}

function discovery(): unknown {
  return {
    issuer: githubIssuer,
    jwks_uri: `${githubIssuer}/.well-known/jwks`,
    subject_types_supported: ["public", "pairwise"],
    response_types_supported: ["id_token"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid"],
  };
}

function json(status: number, body: unknown): WireResponse {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
  };
}
