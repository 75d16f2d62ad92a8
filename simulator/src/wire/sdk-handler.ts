// The wire for AWS SDK v3 clients in the same process, without a socket: `new ECSClient({
// requestHandler: sdkRequestHandler(simulator) })`.
//
// Nothing here waits for a timer or for I/O: while a response is being made the event loop is busy,
// and the virtual clock stands still.

import { Readable } from "node:stream";
import type { WireRequest } from "../contract.ts";
import { wholeBody } from "./body.ts";
import type { Wire, WireOutcome } from "./wire.ts";

/** The members of the SDK's HttpRequest and HttpResponse (@smithy/types) that matter here. */
interface SdkHttpRequest {
  readonly method: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: as the SDK types it
  readonly body?: any;
}

interface SdkHttpResponse {
  readonly statusCode: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: as the SDK types it
  body?: any;
}

interface Abortable {
  readonly aborted: boolean;
  addEventListener?(type: "abort", listener: () => void, options?: { once?: boolean }): void;
}

export interface SdkRequestHandler {
  handle(
    request: SdkHttpRequest,
    options?: { abortSignal?: unknown },
  ): Promise<{ response: SdkHttpResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): object;
}

export function sdkRequestHandler(wire: Wire): SdkRequestHandler {
  return {
    async handle(request, { abortSignal } = {}) {
      const signal = abortSignal as Abortable | undefined;
      if (signal?.aborted) throw abortError();
      return toSdkResponse(await wire.handle(wireRequest(request)), signal);
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function wireRequest(request: SdkHttpRequest): WireRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const host = request.port ? `${request.hostname}:${request.port}` : request.hostname;
  return {
    method: request.method,
    path: pathWithQuery(request),
    headers: { host, ...headers },
    body: bytes(request.body),
  };
}

function pathWithQuery({ path, query = {} }: SdkHttpRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ""].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}

async function* bytes(body: unknown): AsyncGenerator<Uint8Array> {
  if (typeof body === "string") yield Buffer.from(body);
  else if (body instanceof Uint8Array) yield body;
  else if (body) yield* body as AsyncIterable<Uint8Array>;
}

async function toSdkResponse(
  outcome: WireOutcome,
  signal: Abortable | undefined,
): Promise<{ response: SdkHttpResponse }> {
  switch (outcome.kind) {
    case "answer":
    case "half": {
      const { status, headers } = outcome.response;
      const whole = await wholeBody(outcome.response);
      return {
        response: {
          statusCode: status,
          headers: { ...headers },
          body: outcome.kind === "half" ? truncatedBody(whole) : whole,
        },
      };
    }
    case "reset":
      throw connectionReset("read ECONNRESET");
    case "tls":
      throw Object.assign(new Error(outcome.message), { code: outcome.code });
    case "hang":
      return new Promise((_resolve, reject) => {
        if (signal?.aborted) reject(abortError());
        signal?.addEventListener?.("abort", () => reject(abortError()), { once: true });
      });
  }
}

function truncatedBody(whole: Uint8Array): Readable {
  let sent = false;
  return new Readable({
    read() {
      if (sent) this.destroy(connectionReset("aborted"));
      else this.push(whole.subarray(0, Math.floor(whole.length / 2)));
      sent = true;
    },
  });
}

function connectionReset(message: string): Error {
  return Object.assign(new Error(message), { code: "ECONNRESET" });
}

/** With the text of the SDK's own handler. */
function abortError(): Error {
  return Object.assign(new Error("Request aborted"), { name: "AbortError" });
}
