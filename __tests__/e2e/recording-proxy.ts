// Between a client and an AWS: passes everything on, keeps every exchange of an AWS API, and may put other words into the answers.

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

export interface Exchange {
  /** Operation of an AWS API: `AmazonEC2ContainerServiceV20141113.UpdateService`, or the form's Action. */
  readonly operation: string;
  readonly request: string;
  readonly status: number;
  /** Of the answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly response: string;
}

export interface RecordingProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

/** `rewrite` sees the answers of the AWS APIs only; what the image registry sends goes through as it is. */
export async function recordTraffic(
  target: string,
  rewrite: (answer: string, ownHost: string) => string = (answer) => answer,
): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const passed = incoming.url?.startsWith("/v2/")
      ? passThrough(target, incoming, outgoing)
      : exchange(target, incoming, outgoing, (answer) => rewrite(answer, host)).then(
          (one) => void exchanges.push(one),
        );
    passed.catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function passThrough(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { method: incoming.method, headers: incoming.headers };
    const upstream = request(new URL(incoming.url ?? "/", target), options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing).once("finish", resolve).once("error", reject);
    });
    upstream.once("error", reject);
    incoming.pipe(upstream);
  });
}

async function exchange(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  rewrite: (answer: string) => string,
): Promise<Exchange> {
  const sent = await textOf(incoming);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { method: incoming.method, headers: incoming.headers };
    request(new URL(incoming.url ?? "/", target), options, resolve)
      .once("error", reject)
      .end(sent);
  });
  const response = rewrite(await textOf(answer));
  const { "content-length": _length, "transfer-encoding": _encoding, ...headers } = answer.headers;
  const status = answer.statusCode ?? 502;
  outgoing
    .writeHead(status, { ...headers, "content-length": Buffer.byteLength(response) })
    .end(response);
  const operation = String(
    incoming.headers["x-amz-target"] ?? new URLSearchParams(sent).get("Action") ?? incoming.url,
  );
  return { operation, request: sent, status, headers: single(headers), response };
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function single(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
