// Manifests and tags of the registry protocol.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md (end-2, end-3, end-7,
// end-8)

import type { WireRequest, WireResponse } from "../contract.ts";
import { acceptedByHeader, findAcceptableImage } from "./content-negotiation.ts";
import { type Manifest, maxManifestBytes, ownMediaType, readManifest } from "./manifest.ts";
import { isDigest, isTag } from "./names.ts";
import { RegistryError, respond } from "./registry-responses.ts";
import {
  addTraffic,
  imageStatus,
  immutableTagMessage,
  missingBlobs,
  missingChildren,
  type RegistryState,
  type Repository,
  type StoredImage,
  storeImage,
  tagState,
} from "./store.ts";

/**
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html: the last pull is
 * noted at least once in 24 hours.
 */
const pullTimeGrainMilliseconds = 24 * 60 * 60 * 1000;

export function getManifest(
  room: RegistryState,
  repository: Repository,
  reference: string,
  request: WireRequest,
): WireResponse {
  const digest = isDigest(reference) ? reference : repository.tags.get(reference);
  const image = digest && findAcceptable(repository, digest, request);
  if (!image || imageStatus(image, room.clock.now()) !== "ACTIVE")
    throw new RegistryError(404, "MANIFEST_UNKNOWN", "Requested image not found");
  const { manifest } = image;
  const headers = {
    "content-type": manifest.mediaType,
    "content-length": String(manifest.bytes.byteLength),
    "docker-content-digest": manifest.digest,
  };
  if (request.method === "HEAD") return respond(200, headers);
  notePull(room, image);
  return respond(200, headers, manifest.bytes);
}

function findAcceptable(
  repository: Repository,
  digest: string,
  request: WireRequest,
): StoredImage | undefined {
  const accepted = acceptedByHeader(request.headers.accept);
  return accepted
    ? findAcceptableImage(repository, digest, accepted)
    : repository.images.get(digest);
}

function notePull(room: RegistryState, image: StoredImage): void {
  const now = room.clock.now();
  if (image.lastPulledAt === undefined || now - image.lastPulledAt >= pullTimeGrainMilliseconds)
    image.lastPulledAt = now;
}

export async function putManifest(
  room: RegistryState,
  repository: Repository,
  reference: string,
  request: WireRequest,
): Promise<WireResponse> {
  const bytes = await readManifestBody(request.body);
  const declared = (request.headers["content-type"] ?? "").split(";")[0]?.trim();
  const manifest = readManifest(bytes, declared || ownMediaType(bytes) || "");
  if (!manifest)
    throw new RegistryError(
      400,
      "MANIFEST_INVALID",
      "The manifest is not valid, or its media type is not supported",
    );
  const tag = checkReference(repository, reference, manifest, room.sameDigestOnImmutableTag);
  const missing = [...missingBlobs(repository, manifest), ...missingChildren(repository, manifest)];
  if (missing.length > 0) {
    throw new RegistryError(
      400,
      "MANIFEST_BLOB_UNKNOWN",
      `Not in the repository: ${missing.join(", ")}`,
      {
        digests: missing,
      },
    );
  }
  storeImage(room, repository, manifest, tag);
  addTraffic(repository, { manifestPuts: 1, manifestBytes: bytes.byteLength });
  return respond(201, {
    location: `/v2/${repository.name}/manifests/${manifest.digest}`,
    "docker-content-digest": manifest.digest,
    ...(manifest.subject !== undefined && { "oci-subject": manifest.subject }),
  });
}

/**
 * The tag to put it under, if any. Pushing the same digest again to its immutable tag changes
 * nothing and is accepted, unless the test configures the refusal: which of the two AWS does is not
 * verified.
 */
function checkReference(
  repository: Repository,
  reference: string,
  manifest: Manifest,
  sameDigest: RegistryState["sameDigestOnImmutableTag"],
): string | undefined {
  if (reference.includes(":")) {
    if (reference === manifest.digest) return undefined;
    throw new RegistryError(
      400,
      "DIGEST_INVALID",
      `The digest of the manifest is ${manifest.digest}`,
    );
  }
  if (!isTag(reference))
    throw new RegistryError(400, "TAG_INVALID", `'${reference}' is not a valid tag`);
  const current = repository.tags.get(reference);
  const asAnother = sameDigest === "refused" && current !== undefined ? "another" : manifest.digest;
  if (tagState(repository, reference, asAnother) === "immutable") {
    throw new RegistryError(400, "TAG_INVALID", immutableTagMessage(reference, repository.name));
  }
  return reference;
}

async function readManifestBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxManifestBytes)
      throw new RegistryError(
        413,
        "MANIFEST_INVALID",
        `A manifest has at most ${maxManifestBytes} bytes`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags (end-8a,
 * end-8b)
 */
export function listTags(repository: Repository, query: URLSearchParams): WireResponse {
  const last = query.get("last");
  const all = [...repository.tags.keys()].sort().filter((tag) => last === null || tag > last);
  const asked = query.get("n");
  const tags = asked === null ? all : all.slice(0, Math.max(0, Number(asked) || 0));
  const more = tags.length > 0 && tags.length < all.length;
  return respond(
    200,
    {
      "content-type": "application/json",
      ...(more && {
        link: `</v2/${repository.name}/tags/list?n=${asked}&last=${tags.at(-1)}>; rel="next"`,
      }),
    },
    JSON.stringify({ name: repository.name, tags }),
  );
}
