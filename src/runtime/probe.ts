// One GET of a URL of the user's own, through the runner's proxy: on a connection of its own, so
// that each answer comes from where the load balancer sends new clients now.

import * as http from "node:http";
import * as https from "node:https";
import type { Probe, ProbeAnswer } from "./runtime.ts";

const headers = {
  accept: "*/*",
  "accept-encoding": "identity",
  "cache-control": "no-cache",
  "user-agent": "deploy-ecs",
};

export function createProbe(environment: Readonly<Record<string, string | undefined>>): Probe {
  const options = { proxyEnv: environment as NodeJS.ProcessEnv, keepAlive: false };
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };
  return (url, maxBytes, signal) =>
    new Promise((resolve, reject) => {
      const respond = (response: http.IncomingMessage) =>
        readAnswer(response, maxBytes).then(resolve, reject);
      const request = url.startsWith("https:")
        ? https.get(url, { headers, signal, agent: agents.https }, respond)
        : http.get(url, { headers, signal, agent: agents.http }, respond);
      request.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    });
}

/** The body is cut at `maxBytes`; the rest is not read. */
async function readAnswer(response: http.IncomingMessage, maxBytes: number): Promise<ProbeAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  response.destroy();
  return {
    status: response.statusCode ?? 0,
    location: response.headers.location,
    body: Buffer.concat(chunks).subarray(0, maxBytes).toString("utf8"),
    truncated: length > maxBytes,
  };
}
