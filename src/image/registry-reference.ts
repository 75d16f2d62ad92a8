// The registry host, repository and tag or digest of an image reference. PURE.

import { parseImageReference } from "../plan/image/image.ts";

/**
 * The account and region of a private registry of ECR, in any partition; undefined: another
 * registry. https://docs.aws.amazon.com/general/latest/gr/ecr.html
 */
export function ecrRegistryOf(
  host: string,
): { readonly accountId: string; readonly region: string } | undefined {
  const [, accountId, region] =
    host.match(/^(\d{12})\.dkr[.-]ecr(?:-fips)?[.-]([a-z0-9-]+)\.[a-z0-9.-]+$/) ?? [];
  if (accountId === undefined || region === undefined) return undefined;
  return { accountId, region };
}

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
