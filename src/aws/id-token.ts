// GitHub's OIDC token, valid for only five minutes: a new one is requested each time.
// https://docs.github.com/en/actions/security-for-github-actions/security-hardening-your-deployments/about-security-hardening-with-openid-connect

import { DeployError } from "../errors.ts";
import { isJsonObject, type JsonObject, stringOf } from "../json.ts";
import { codeBlock } from "../text/code-block.ts";
import { MalformedResponse } from "./aws-errors.ts";
import type { Call } from "./call.ts";
import { noteResponse } from "./response-facts.ts";
import { requireMember } from "./validate-response.ts";

/** One GET. The caller (main.ts) sets proxy, time-outs and TLS. */
export type HttpGet = (
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<HttpResponse>;

interface HttpResponse {
  readonly status: number;
  readonly body: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

interface IdTokenPorts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly get: HttpGet;
  readonly call: Call;
  /** Called with every token before anything else uses it, so that the log hides it. */
  readonly mask: (secret: string) => void;
}

/**
 * @throws DeployError `IdTokenNotGranted` when the job may not request tokens, `IdTokenUnavailable`
 * when GitHub returns none.
 */
export async function fetchIdToken(
  { environment, get, call, mask }: IdTokenPorts,
  audience: string,
): Promise<string> {
  const url = environment.ACTIONS_ID_TOKEN_REQUEST_URL;
  const bearer = environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
  if (!url || !bearer)
    throw new DeployError({
      code: "IdTokenNotGranted",
      message: "This job may not ask GitHub for an OIDC token, so it cannot assume the role.",
      hint: [
        "Add to the job (or the workflow), and to the caller's job too if this is a reusable " +
          "workflow:",
        codeBlock("permissions:\n  id-token: write\n  contents: read", "yaml"),
        "Pull requests from forks never get a token.",
      ].join("\n"),
    });
  const answer = await requestIdToken(
    { get, call },
    `${url}&audience=${encodeURIComponent(audience)}`,
    bearer,
  );
  const token = answer.status === 200 ? tokenOf(answer) : undefined;
  if (!token)
    throw new DeployError({
      code: "IdTokenUnavailable",
      message: `GitHub gave no OIDC token (HTTP ${answer.status}).`,
      hint:
        "The job's permission to ask may have ended (it does some hours after the job began). " +
        "Run the job again.",
    });
  mask(token);
  return token;
}

function tokenOf({ body }: HttpResponse): string | undefined {
  return stringOf(parseJsonOrEmpty(body).value);
}

async function requestIdToken(
  { get, call }: Pick<IdTokenPorts, "get" | "call">,
  url: string,
  bearer: string,
) {
  try {
    return await call("GitHub's OIDC token endpoint", async (signal) => {
      const answer = await get(
        url,
        { authorization: `bearer ${bearer}`, accept: "application/json" },
        signal,
      );
      noteResponse({ status: answer.status });
      if (answer.status >= 500 || answer.status === 429)
        throw Object.assign(new Error(`answered ${answer.status}`), { name: "ServiceUnavailable" });
      if (isForeignResponse(answer))
        throw new MalformedResponse("it is no JSON", {
          status: answer.status,
          contentType: answer.headers?.["content-type"],
        });
      if (answer.status === 200) requireMember(tokenOf(answer), "value");
      return answer;
    });
  } catch (error) {
    // Errors are translated as those of AWS; this call goes to GitHub.
    if (!(error instanceof DeployError) || error.code !== "AwsUnavailable") throw error;
    if (error.cause instanceof MalformedResponse) throw error; // its own hint fits
    const { code, message } = error;
    const hint =
      "GitHub, or the network between this runner and GitHub, does not work at the moment (see " +
      "https://www.githubstatus.com). Run the job again later.";
    throw new DeployError({ code, message, hint }, { cause: error });
  }
}

/** GitHub answers in JSON and does not redirect; a proxy or the login page of a network does. */
function isForeignResponse({ status, body }: HttpResponse): boolean {
  const isHtml = body.trimStart().startsWith("<");
  return isHtml || (status >= 300 && status < 400) || (status === 200 && !isJson(body));
}

/** The claims that trust policies check, for error messages. Never the token itself. */
export function decodeClaims(token: string): JsonObject {
  return parseJsonOrEmpty(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
}

function isJson(text: string): boolean {
  return Object.keys(parseJsonOrEmpty(text)).length > 0 || text.trim() === "{}";
}

function parseJsonOrEmpty(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
    return {};
  } catch {
    return {};
  }
}
