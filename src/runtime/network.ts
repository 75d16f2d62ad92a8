// HTTP connections through the runner's proxy.
// https://nodejs.org/api/http.html#built-in-proxy-support

import * as http from "node:http";
import * as https from "node:https";
import type { AwsPorts } from "../aws/authenticate.ts";
import type { HttpGet } from "../aws/id-token.ts";

type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

export function openNetwork(
  environment: ProxyEnvironment,
): Pick<AwsPorts, "get" | "requestHandler"> {
  const agents = {
    httpAgent: new http.Agent(agentOptions(environment)),
    httpsAgent: new https.Agent(agentOptions(environment)),
  };
  return { get: httpGet(agents), requestHandler: { ...agents, connectionTimeout: 5_000 } };
}

function agentOptions(environment: ProxyEnvironment): https.AgentOptions {
  return { keepAlive: true, proxyEnv: environment as NodeJS.ProcessEnv };
}

function httpGet(agents: {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;
}): HttpGet {
  return (url, headers, signal) =>
    new Promise((resolve, reject) => {
      const secure = url.startsWith("https:");
      const request = (secure ? https : http).get(
        url,
        { headers, signal, agent: secure ? agents.httpsAgent : agents.httpAgent },
        (response) => {
          let body = "";
          response.setEncoding("utf8");
          response.on("data", (text: string) => {
            body += text;
          });
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              body,
              headers: singleHeaders(response.headers),
            }),
          );
          response.on("error", reject);
        },
      );
      request.on("error", reject);
    });
}

function singleHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value ?? "")]),
  );
}
