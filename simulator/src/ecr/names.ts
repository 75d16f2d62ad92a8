// The names that ECR and the registry protocol accept, and the parts of an image reference.

/**
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
 * (repositoryName: pattern, 2 to 256 characters)
 */
const repositoryRegex = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
/**
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 * (reference as a tag)
 */
const tagRegex = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestRegex = /^sha256:[0-9a-f]{64}$/;

export const repositoryPattern = repositoryRegex.source.slice(1, -1);
export const tagPattern = tagRegex.source.slice(1, -1);

export function isRepositoryName(name: unknown): name is string {
  return (
    typeof name === "string" && name.length >= 2 && name.length <= 256 && repositoryRegex.test(name)
  );
}

export function isTag(tag: unknown): tag is string {
  return typeof tag === "string" && tagRegex.test(tag);
}

export function isDigest(digest: unknown): digest is string {
  return typeof digest === "string" && digestRegex.test(digest);
}

interface ImageReference {
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * `host[:port]/name[:tag][@digest]`; undefined when it has no host (a Docker Hub name) or cannot be
 * parsed.
 */
export function parseImageReference(reference: string): ImageReference | undefined {
  const slash = reference.indexOf("/");
  const host = reference.slice(0, Math.max(0, slash));
  if (!/[.:]/.test(host) && host !== "localhost") return undefined;
  const match = /^([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(reference.slice(slash + 1));
  const [, repository, tag, digest] = match ?? [];
  if (!isRepositoryName(repository)) return undefined;
  if (tag !== undefined && !isTag(tag)) return undefined;
  if (digest !== undefined && !isDigest(digest)) return undefined;
  return {
    host,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}
