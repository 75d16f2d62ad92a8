// A registry on a virtual clock, and the ways into it that the tests share.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import type { CallContext, WireRequest, WireResponse } from "../../src/contract.ts";
import { createEcr, type Ecr, type EcrOptions } from "../../src/ecr/ecr.ts";

export const ACCOUNT = "123456789012";
export const HOST = `${ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com`;
export const CONTEXT: CallContext = {
  principal: {
    accountId: ACCOUNT,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/run-1`,
    accessKeyId: "AKIATEST",
  },
  host: HOST,
  requestId: "00000000-0000-0000-0000-000000000001",
};

export interface World {
  readonly clock: VirtualClock;
  readonly ecr: Ecr;
  /** Calls an operation of the API. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  call(operation: string, input?: object, context?: CallContext): any;
  /** Speaks to the registry, signed in. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
}

interface SendOptions {
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly authorization?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** `CODE: message` of the first error. */
  readonly error: string | undefined;
}

export function world(options: Partial<EcrOptions> = {}): World {
  const clock = new VirtualClock();
  const ecr = createEcr({ clock, region: "eu-central-1", accountId: ACCOUNT, ...options });
  const call: World["call"] = (operation, input = {}, context = CONTEXT) => {
    const run = ecr.service.operations[operation];
    if (!run) throw new Error(`no operation ${operation}`);
    return run(input, context);
  };
  let authorization: string | undefined;
  const signIn = () =>
    `Basic ${call("GetAuthorizationToken").authorizationData[0].authorizationToken}`;
  return {
    clock,
    ecr,
    call,
    async send(method, path, sent = {}) {
      authorization ??= signIn();
      const auth = "authorization" in sent ? sent.authorization : authorization;
      const request: WireRequest = {
        method,
        path,
        headers: { ...sent.headers, ...(auth !== undefined && { authorization: auth }) },
        body: stream(sent.body ?? ""),
      };
      return readAnswer(await ecr.registry(request, HOST));
    },
  };
}

/** A world with one repository, `team/app`. */
export function scene(options: Partial<EcrOptions> = {}): World {
  const at = world(options);
  at.ecr.repositories.createRepository("team/app");
  return at;
}

/** Options for a store in files, which are gone after the test. */
export function inFiles(): { readonly blobFolder: string } {
  const blobFolder = mkdtempSync(join(tmpdir(), "ecr-blobs-"));
  onTestFinished(() => rmSync(blobFolder, { recursive: true }));
  return { blobFolder };
}

async function* stream(body: NonNullable<SendOptions["body"]>): AsyncGenerator<Uint8Array> {
  if (typeof body === "string" || body instanceof Uint8Array) {
    if (body.length > 0) yield Buffer.from(body);
  } else yield* body;
}

async function readAnswer({ status, headers, body }: WireResponse): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  if (typeof body === "string" || body instanceof Uint8Array) chunks.push(Buffer.from(body));
  else for await (const chunk of body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const json = headers["content-type"]?.startsWith("application/json")
    ? JSON.parse(text)
    : undefined;
  const first = json?.errors?.[0];
  return { status, headers, text, error: first && `${first.code}: ${first.message}` };
}

export function digestOf(bytes: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Name of the error that an operation throws, with its message. */
export function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
  }
  return "accepted";
}

export interface HandMade {
  readonly manifest: string;
  readonly mediaType: string;
  readonly digest: string;
  readonly blobs: readonly string[];
}

/** A manifest with its config and layers, not yet in any repository. */
export function handMade(
  layer: string,
  mediaType = "application/vnd.oci.image.manifest.v1+json",
): HandMade {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  });
  const describe = (text: string, kind: string) => ({
    mediaType: kind,
    digest: digestOf(text),
    size: Buffer.byteLength(text),
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: describe(config, "application/vnd.oci.image.config.v1+json"),
    layers: [describe(layer, "application/vnd.oci.image.layer.v1.tar")],
  });
  return { manifest, mediaType, digest: digestOf(manifest), blobs: [config, layer] };
}

export async function pushBlobs(
  { send }: World,
  repository: string,
  blobs: readonly string[],
): Promise<void> {
  for (const blob of blobs)
    await send("POST", `/v2/${repository}/blobs/uploads/?digest=${digestOf(blob)}`, { body: blob });
}

export function putManifest(
  { send }: World,
  repository: string,
  reference: string,
  image: HandMade,
): Promise<Answer> {
  return send("PUT", `/v2/${repository}/manifests/${reference}`, {
    body: image.manifest,
    headers: { "content-type": image.mediaType },
  });
}

export async function push(
  at: World,
  repository: string,
  tag: string,
  image: HandMade,
): Promise<Answer> {
  await pushBlobs(at, repository, image.blobs);
  return putManifest(at, repository, tag, image);
}

/** The registry on a port of this machine, for clients that are programs. */
export async function listen(ecr: Ecr): Promise<{ readonly host: string; close(): Promise<void> }> {
  const server: Server = createServer(async (request, response) => {
    try {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const wire: WireRequest = {
        method: request.method ?? "GET",
        path: request.url ?? "/",
        headers,
        body: request,
      };
      const answer = await ecr.registry(wire, request.headers.host ?? "");
      response.writeHead(answer.status, { ...answer.headers });
      if (typeof answer.body === "string" || answer.body instanceof Uint8Array)
        response.end(answer.body);
      else {
        for await (const chunk of answer.body) response.write(chunk);
        response.end();
      }
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
