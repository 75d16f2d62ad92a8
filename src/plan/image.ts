// References of images, PURE.

/**
 * The parts of an image reference.
 *
 *   redis                                          → repository redis
 *   redis:7                                        → repository redis, tag 7
 *   127.0.0.1:5000/team/app                        → repository 127.0.0.1:5000/team/app
 *   127.0.0.1:5000/team/app:v1@sha256:…            → repository 127.0.0.1:5000/team/app, tag v1, digest sha256:…
 */
export interface ImageReference {
  /** With the registry's host, if the reference names one. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

export function parseImageReference(reference: string): ImageReference {
  const [named = "", digest] = reference.split("@", 2);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  return {
    repository: hasTag ? named.slice(0, colon) : named,
    ...(hasTag && { tag: named.slice(colon + 1) }),
    ...(digest !== undefined && { digest }),
  };
}

/** Whether a container's image comes from a repository (`host/name`). */
export function isFromRepository(image: string, repositoryUri: string): boolean {
  return parseImageReference(image).repository === repositoryUri;
}
