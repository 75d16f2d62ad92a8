// Plays ECR's replication between the registries of two accounts: each tag of a repository comes to the other one with the same
// digest (https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html).

import type { Simulator } from "ecs-simulator";

interface RegistryOf {
  readonly simulator: Simulator;
  readonly url: string;
}

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

const pauseMilliseconds = 50;
const manifestTypes =
  "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/** Runs until it is stopped; `stop` throws what went wrong. The repository exists in both. */
export function replicate(
  from: RegistryOf,
  to: RegistryOf,
  repository: string,
): { stop(): Promise<void> } {
  let isOpen = true;
  const tagsOf = ({ simulator }: RegistryOf) => simulator.ecr.repositories.tags(repository);
  const copyNew = async () => {
    while (isOpen) {
      const copied = tagsOf(to);
      for (const [tag, digest] of Object.entries(tagsOf(from)))
        if (copied[tag] !== digest) await copy(from, to, { repository, tag });
      await new Promise((resume) => setTimeout(resume, pauseMilliseconds));
    }
  };
  const running = copyNew();
  running.catch(() => undefined); // reported by stop()
  return {
    async stop() {
      isOpen = false;
      await running;
    },
  };
}

async function copy(
  from: RegistryOf,
  to: RegistryOf,
  { repository, tag }: { readonly repository: string; readonly tag: string },
): Promise<void> {
  const path = `/v2/${repository}`;
  const answer = await request(from, `${path}/manifests/${tag}`, {
    headers: { accept: manifestTypes },
  });
  const manifest = await answer.text();
  const { config, layers } = JSON.parse(manifest) as Manifest;
  for (const { digest } of [config, ...layers]) {
    const blob = await request(from, `${path}/blobs/${digest}`);
    const upload = await request(to, `${path}/blobs/uploads/`, { method: "POST" });
    const place = new URL(upload.headers.get("location") ?? "", to.url);
    place.searchParams.set("digest", digest);
    await request(to, place.href, {
      method: "PUT",
      headers: { "content-type": "application/octet-stream" },
      body: await blob.arrayBuffer(),
    });
  }
  const contentType = answer.headers.get("content-type") ?? "";
  await request(to, `${path}/manifests/${tag}`, {
    method: "PUT",
    headers: { "content-type": contentType },
    body: manifest,
  });
}

async function request(
  { simulator, url }: RegistryOf,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const password = Buffer.from(`AWS:${simulator.registryPassword()}`).toString("base64");
  const headers = new Headers(init.headers);
  headers.set("authorization", `Basic ${password}`);
  const answer = await fetch(new URL(path, url), { ...init, headers });
  if (!answer.ok)
    throw new Error(`${init.method ?? "GET"} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}
