import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import { decodeJwt, signedBy } from "../../src/oidc/jwt.ts";
import { createOidc, defaultJob, subjectOf } from "../../src/oidc/oidc.ts";

const NOON = Date.UTC(2026, 10, 23, 12, 0, 0);

function ask(oidc: ReturnType<typeof createOidc>, path: string, authorization?: string) {
  const body = (async function* () {})();
  const response = oidc.handle({
    method: "GET",
    path,
    headers: authorization ? { authorization } : {},
    body,
  });
  return { status: response.status, json: JSON.parse(String(response.body)) };
}

describe("the token endpoint", () => {
  const oidc = createOidc({ clock: new VirtualClock(NOON) });
  const environment = oidc.environment("http://127.0.0.1:4566");
  const url = new URL(`${environment.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=sts.amazonaws.com`);
  const path = url.pathname + url.search;
  const bearer = `bearer ${environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN}`;

  it("gives out a token for the audience, signed with the key that the JWKS shows, valid for five minutes", () => {
    const token = ask(oidc, path, bearer).json.value;
    const [key] = ask(oidc, "/_oidc/.well-known/jwks").json.keys;
    expect(signedBy(token, key)).toBe(true);
    const { header, claims } = decodeJwt(token) ?? {};
    expect(header).toEqual({ typ: "JWT", alg: "RS256", kid: key.kid });
    expect(key).not.toHaveProperty("d");
    expect(claims).toMatchObject({
      iss: "https://token.actions.githubusercontent.com",
      aud: "sts.amazonaws.com",
      sub: "repo:octo/app:ref:refs/heads/main",
      repository: "octo/app",
      repository_owner: "octo",
      job_workflow_ref: "octo/app/.github/workflows/deploy.yml@refs/heads/main",
      iat: NOON / 1000,
      exp: NOON / 1000 + 300,
    });
  });

  it("gives a token only to the job", () => {
    expect(ask(oidc, path).status).toBe(401);
    expect(ask(oidc, path, "bearer wrong").status).toBe(401);
    expect(ask(oidc, path, environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN).status).toBe(401);
    expect(ask(oidc, path, bearer.replace("bearer", "Bearer")).status).toBe(200);
  });

  it("uses the owner's page as the default audience", () => {
    const token = ask(oidc, "/_oidc/token?api-version=2.0", bearer).json.value;
    expect(decodeJwt(token)?.claims["aud"]).toBe("https://github.com/octo");
  });

  it("has a discovery document, and no other pages", () => {
    expect(ask(oidc, "/_oidc/.well-known/openid-configuration").json).toMatchObject({
      issuer: "https://token.actions.githubusercontent.com",
    });
    expect(ask(oidc, "/_oidc/other").status).toBe(404);
  });

  it("knows its secrets", () => {
    const token = ask(oidc, path, bearer).json.value;
    expect(oidc.secrets()).toContain(token);
    expect(oidc.secrets()).toContain(environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
  });
});

describe("the subject", () => {
  it.each([
    ["a branch", {}, "repo:octo/app:ref:refs/heads/main"],
    ["a tag", { ref: "refs/tags/v1" }, "repo:octo/app:ref:refs/tags/v1"],
    ["a pull request", { eventName: "pull_request" }, "repo:octo/app:pull_request"],
    [
      "an environment, before all else",
      { environment: "prod:eu", eventName: "pull_request" },
      "repo:octo/app:environment:prod%3Aeu",
    ],
    [
      "the immutable form",
      { subject: "immutable" as const },
      "repo:octo@500600/app@700100200:ref:refs/heads/main",
    ],
  ])("for %s", (_what, job, subject) => {
    expect(subjectOf({ ...defaultJob, ...job })).toBe(subject);
  });
});
