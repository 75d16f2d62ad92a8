// The wire over node:http.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import type { WireRequest, WireResponse } from "../contract.ts";
import { isWhole, wholeBody } from "./body.ts";
import type { Wire, WireOutcome } from "./wire.ts";

export interface HttpServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Also ends the connections that still wait for a response. */
  close(): Promise<void>;
}

export async function serve(
  wire: Wire,
  options: {
    readonly port?: number;
    readonly host?: string;
    /** Answers what is not for AWS's APIs; false: it is. */
    readonly forward?: (request: IncomingMessage, response: ServerResponse) => boolean;
  } = {},
): Promise<HttpServer> {
  const { port = 0, host = "127.0.0.1" } = options;
  const server = createServer((request, response) => {
    if (options.forward?.(request, response)) return;
    wire.handle(wireRequest(request)).then(
      (outcome) => finishRequest(outcome, request, response),
      () => request.socket.destroy(), // the caller disconnected during its own request
    );
  });
  // Longer than any client keeps an idle connection, so that none is closed while a request is on
  // its way.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function wireRequest(request: IncomingMessage): WireRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  return {
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: Object.fromEntries(headers),
    body: request,
  };
}

function finishRequest(
  outcome: WireOutcome,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  switch (outcome.kind) {
    case "answer":
      return writeResponse(outcome.response, request, response);
    case "half":
      return void writeTruncated(outcome.response, response);
    case "tls":
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "hang":
      return; // the socket stays open until the caller or close() ends it
  }
}

function writeResponse(
  { status, headers, body }: WireResponse,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // A response to HEAD may have the length of the body that it omits; 204 and 304 must not have
  // one.
  const stated = "content-length" in headers || status === 204 || status === 304 || !isWhole(body);
  response.writeHead(
    status,
    stated ? { ...headers } : { ...headers, "content-length": String(Buffer.byteLength(body)) },
  );
  if (request.method === "HEAD") response.end();
  else if (isWhole(body)) response.end(body);
  // a body that is cut off closes the connection, which the client notices
  else pipeline(body, response, () => {});
}

async function writeTruncated(answer: WireResponse, response: ServerResponse): Promise<void> {
  const whole = await wholeBody(answer);
  if (whole.length < 2) return void response.socket?.destroy();
  response.writeHead(answer.status, { ...answer.headers, "content-length": String(whole.length) });
  response.write(whole.subarray(0, Math.floor(whole.length / 2)), () => response.socket?.destroy());
}
