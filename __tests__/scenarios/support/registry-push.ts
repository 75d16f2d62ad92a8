// A push like that of registry clients: check which blobs exist, upload the others, put the manifest.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push

import { createHash } from "node:crypto";
import type { Simulator, WireResponse } from "ecs-simulator";

export interface PushTarget {
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  /** `AWS:password`, as Basic wants it. */
  readonly auth: string;
}

export interface PushedImage {
  readonly content: string;
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
}

type Pushed = { readonly digest: string } | { readonly status: number; readonly body: string };

const manifestType = "application/vnd.docker.distribution.manifest.v2+json";

/** Stops at the first response that is neither success nor "not found". */
export async function pushWhole(
  simulator: Simulator,
  { host, repository, tag, auth }: PushTarget,
  { content, architecture, labels }: PushedImage,
): Promise<Pushed> {
  const ask = async (
    method: string,
    path: string,
    body = "",
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const outcome = await simulator.handle({
      method,
      path: path.startsWith("/v2/") ? path : `/v2/${repository}/${path}`,
      headers: { host, authorization: `Basic ${auth}`, ...headers },
      body: oneChunk(body),
    });
    if (outcome.kind !== "answer") throw new Error("no faults are played in a whole push");
    const { response } = outcome;
    if (response.status >= 400 && response.status !== 404) throw new Refused(response);
    return response;
  };
  const upload = async (blob: string) => {
    if ((await ask("HEAD", `blobs/${digestOf(blob)}`)).status === 200) return;
    const begun = await ask("POST", "blobs/uploads/");
    const sent = await ask("PATCH", begun.headers["location"] ?? "", blob);
    await ask("PUT", `${sent.headers["location"]}?digest=${digestOf(blob)}`);
  };
  const config = JSON.stringify({
    architecture,
    os: "linux",
    config: { Labels: labels },
    rootfs: { type: "layers", diff_ids: [digestOf(content)] },
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { ...described(config), mediaType: "application/vnd.docker.container.image.v1+json" },
    layers: [
      { ...described(content), mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" },
    ],
  });
  try {
    await ask("HEAD", `manifests/${tag}`);
    await upload(content);
    await upload(config);
    await ask("PUT", `manifests/${tag}`, manifest, { "content-type": manifestType });
    return { digest: digestOf(manifest) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { status: error.response.status, body: String(error.response.body) };
  }
}

class Refused extends Error {
  readonly response: WireResponse;
  constructor(response: WireResponse) {
    super(`HTTP ${response.status}`);
    this.response = response;
  }
}

function described(blob: string) {
  return { size: Buffer.byteLength(blob), digest: digestOf(blob) };
}

function digestOf(blob: string): string {
  return `sha256:${createHash("sha256").update(blob).digest("hex")}`;
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
