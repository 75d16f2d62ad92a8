// Layers and configs in the registry protocol: uploads in one piece, in chunks or by mount, and
// downloads.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs (end-4 to
// end-6, end-11, end-13)

import type { WireRequest, WireResponse } from "../contract.ts";
import type { Blob, ByteRange, Upload } from "./blobs.ts";
import { isDigest } from "./names.ts";
import { RegistryError, respond } from "./registry-responses.ts";
import { addTraffic, type RegistryState, type Repository } from "./store.ts";

export function getBlob(
  room: RegistryState,
  repository: Repository,
  digest: string,
  request: WireRequest,
): WireResponse {
  const blob = repository.blobs.has(digest) ? room.blobs.get(digest) : undefined;
  if (!blob) throw new RegistryError(404, "BLOB_UNKNOWN", `The repository has no blob ${digest}`);
  const headers = {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
  };
  const whole = { ...headers, "content-length": String(blob.size) };
  if (request.method === "HEAD") return respond(200, whole);
  const range = readRange(request.headers.range, blob.size);
  if (range === undefined) return respond(200, whole, room.blobs.read(blob));
  if (range === "unsatisfiable") return respond(416, { "content-range": `bytes */${blob.size}` });
  const part = {
    ...headers,
    "content-length": String(range.last - range.first + 1),
    "content-range": `bytes ${range.first}-${range.last}/${blob.size}`,
  };
  return respond(206, part, room.blobs.read(blob, range));
}

/**
 * One range of bytes; for any other Range header the whole blob is returned, as RFC 9110 (14.2)
 * allows.
 */
function readRange(
  header: string | undefined,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined) return undefined;
  const range = { first: Number(first), last: Math.min(last ? Number(last) : size - 1, size - 1) };
  return range.first > range.last ? "unsatisfiable" : range;
}

export async function startUpload(
  room: RegistryState,
  repository: Repository,
  request: WireRequest,
  query: URLSearchParams,
): Promise<WireResponse> {
  const mount = query.get("mount");
  if (mount !== null) {
    const mounted = mountBlob(room, repository, mount, query.get("from"));
    if (mounted) return mounted;
  }
  const upload = room.blobs.begin();
  repository.uploads.set(upload.id, upload);
  const digest = query.get("digest");
  if (digest !== null) return finishUpload(room, repository, upload.id, request, query);
  return respond(202, uploadHeaders(repository, upload));
}

/**
 * ECR mounts only if the account's setting BLOB_MOUNTING is on; otherwise the client must upload
 * the layer, as the spec allows.
 */
function mountBlob(
  room: RegistryState,
  repository: Repository,
  digest: string,
  from: string | null,
): WireResponse | undefined {
  const there = repository.blobs.has(digest);
  const elsewhere =
    room.blobMounting && from !== null && room.repositories.get(from)?.blobs.has(digest);
  if (!there && !elsewhere) return undefined;
  if (!there) addTraffic(repository, { blobMounts: 1 });
  repository.blobs.add(digest);
  return created(repository, digest);
}

export async function continueUpload(
  room: RegistryState,
  repository: Repository,
  id: string,
  request: WireRequest,
): Promise<WireResponse> {
  const upload = findUpload(repository, id);
  const [, start] = /^(?:bytes )?(\d+)-\d+/.exec(request.headers["content-range"] ?? "") ?? [];
  if (start !== undefined && Number(start) !== upload.size)
    return respond(416, uploadHeaders(repository, upload));
  await receive(room, repository, upload, request);
  return respond(202, uploadHeaders(repository, upload));
}

export async function finishUpload(
  room: RegistryState,
  repository: Repository,
  id: string,
  request: WireRequest,
  query: URLSearchParams,
): Promise<WireResponse> {
  const upload = findUpload(repository, id);
  const digest = query.get("digest");
  await receive(room, repository, upload, request);
  repository.uploads.delete(id);
  const blob: Blob | undefined = isDigest(digest)
    ? await room.blobs.complete(upload, digest)
    : undefined;
  if (!blob) {
    room.blobs.cancel(upload);
    throw new RegistryError(
      400,
      "DIGEST_INVALID",
      "The bytes that were sent do not have the digest that was given",
      {
        digest,
      },
    );
  }
  repository.blobs.add(blob.digest);
  addTraffic(repository, { blobUploads: 1 });
  return created(repository, blob.digest);
}

export function uploadStatus(repository: Repository, id: string): WireResponse {
  return respond(204, uploadHeaders(repository, findUpload(repository, id)));
}

export function cancelUpload(
  room: RegistryState,
  repository: Repository,
  id: string,
): WireResponse {
  room.blobs.cancel(findUpload(repository, id));
  repository.uploads.delete(id);
  return respond(204);
}

function receive(
  room: RegistryState,
  repository: Repository,
  upload: Upload,
  request: WireRequest,
): Promise<void> {
  return room.blobs.append(upload, request.body, (blobBytes) =>
    addTraffic(repository, { blobBytes }),
  );
}

function findUpload(repository: Repository, id: string): Upload {
  const upload = repository.uploads.get(id);
  if (!upload) throw new RegistryError(404, "BLOB_UPLOAD_UNKNOWN", `There is no upload ${id}`);
  return upload;
}

/**
 * `Range` ends with the last byte that has arrived; before the first byte it is `0-0`, as in every
 * registry.
 */
function uploadHeaders(repository: Repository, upload: Upload): Readonly<Record<string, string>> {
  return {
    location: `/v2/${repository.name}/blobs/uploads/${upload.id}`,
    range: `0-${Math.max(0, upload.size - 1)}`,
    "docker-upload-uuid": upload.id,
  };
}

function created(repository: Repository, digest: string): WireResponse {
  return respond(201, {
    location: `/v2/${repository.name}/blobs/${digest}`,
    "docker-content-digest": digest,
  });
}
