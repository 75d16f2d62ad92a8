// Which manifest a caller gets that accepts only some media types.

import { isList, manifestTypes } from "./manifest.ts";
import type { Repository, StoredImage } from "./store.ts";

/**
 * What BatchGetImage returns without acceptedMediaTypes: single images only, so a retag without it
 * loses the index.
 */
const defaultAccepted: readonly string[] = manifestTypes.filter((type) => !isList(type));

/**
 * The image itself if its media type is accepted; for an index that is not accepted, its Linux
 * image, as registries do for clients that do not support indexes; otherwise nothing. The digest
 * then differs from the tag's, and the caller must notice it.
 */
export function findAcceptableImage(
  repository: Repository,
  digest: string,
  accepted: readonly string[] | undefined,
): StoredImage | undefined {
  const image = repository.images.get(digest);
  const types = accepted && accepted.length > 0 ? accepted : defaultAccepted;
  if (!image || types.includes(image.manifest.mediaType)) return image;
  const children = image.manifest.children.filter(
    (child) => types.includes(child.mediaType) && child.platform?.os === "linux",
  );
  const child = children.find(({ platform }) => platform?.architecture === "amd64") ?? children[0];
  if (!child) return types === defaultAccepted ? image : undefined;
  return repository.images.get(child.digest);
}

/**
 * Manifest types in an Accept header; undefined when it accepts everything (absent, or with a
 * wildcard).
 */
export function acceptedByHeader(header: string | undefined): readonly string[] | undefined {
  const types = (header ?? "")
    .split(",")
    .map((part) => (part.split(";")[0] ?? "").trim().toLowerCase());
  return types.some((type) => type === "" || type === "*/*" || type === "application/*")
    ? undefined
    : types;
}
