// `fetch` through the runner's proxy, for clients that take one. Node's own would need undici for
// that: docs/decisions/0002-bundle-without-undici.md

import * as http from "node:http";
import * as https from "node:https";

/** The whole answer is read before the response is given back. Redirects are not followed. */
export function proxiedFetch(
  environment: Readonly<Record<string, string | undefined>>,
): typeof fetch {
  const options = { proxyEnv: environment as NodeJS.ProcessEnv };
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };
  return async (target, { method = "GET", headers, body, signal } = {}) => {
    const url = new URL(String(target));
    const secure = url.protocol === "https:";
    const request = (secure ? https : http).request(url, {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      signal: signal ?? undefined,
      agent: secure ? agents.https : agents.http,
      timeout: timeoutMilliseconds,
    });
    return await responseOf(request, typeof body === "string" ? body : "");
  };
}

const timeoutMilliseconds = 20_000;

function responseOf(request: http.ClientRequest, body: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("timeout", () => request.destroy(new Error("no answer within 20 s")));
    request.on("response", (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => resolve(toResponse(answer, Buffer.concat(chunks))));
    });
    request.end(body);
  });
}

function toResponse({ statusCode = 0, headers }: http.IncomingMessage, body: Buffer): Response {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value ?? "")]);
  const options = { status: statusCode, headers: Object.fromEntries(texts) };
  if (body.length === 0) return new Response(null, options);
  return new Response(new Uint8Array(body), options);
}
