// Which manifest a caller gets who can read only some kinds of manifests.

import { isList, manifestTypes } from "./manifest.ts";
import type { Repository, StoredImage } from "./store.ts";

/**
 * What a caller of BatchGetImage reads who names nothing: single images only, so that a retag
 * without acceptedMediaTypes loses the index.
 */
const defaultAccepted: readonly string[] = manifestTypes.filter((type) => !isList(type));

/**
 * The image itself when its kind is accepted; of an index that is not, its Linux image, as
 * registries do for clients that know no indexes; else nothing. The digest then differs from the
 * tag's, which is for the caller to notice.
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
 * Manifest types in an Accept header; undefined when it takes everything (absent, or a wildcard in
 * it).
 */
export function acceptedByHeader(header: string | undefined): readonly string[] | undefined {
  const types = (header ?? "")
    .split(",")
    .map((part) => (part.split(";")[0] ?? "").trim().toLowerCase());
  return types.some((type) => type === "" || type === "*/*" || type === "application/*")
    ? undefined
    : types;
}
