// The registry host, repository and tag or digest of an image reference. PURE.

import { parseImageReference } from "../plan/image/image.ts";

/** Docker Hub's short names: https://docs.docker.com/reference/cli/docker/image/tag/ */
export function resolveReference(reference: string): {
  readonly host: string;
  readonly name: string;
  readonly tagOrDigest: string;
} {
  const { repository, tag, digest } = parseImageReference(reference);
  const [first = "", ...rest] = repository.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const tagOrDigest = digest ?? tag ?? "latest";
  if (hasHost && first !== "docker.io") return { host: first, name: rest.join("/"), tagOrDigest };
  const name = hasHost ? rest.join("/") : repository;
  return {
    host: "registry-1.docker.io",
    name: name.includes("/") ? name : `library/${name}`,
    tagOrDigest,
  };
}
