// Reads a manifest: its media type, what it needs in the repository, the image's size. The bytes
// are never changed, because they determine the digest.

import { createHash } from "node:crypto";

export const dockerManifestType = "application/vnd.docker.distribution.manifest.v2+json";
const dockerListType = "application/vnd.docker.distribution.manifest.list.v2+json";
export const ociManifestType = "application/vnd.oci.image.manifest.v1+json";
export const ociIndexType = "application/vnd.oci.image.index.v1+json";

/**
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html; without
 * Docker's schema 1, which is no longer pushed.
 */
export const manifestTypes: readonly string[] = [
  dockerManifestType,
  dockerListType,
  ociManifestType,
  ociIndexType,
];

/**
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html (imageManifest: at
 * most 4,194,304 characters)
 */
export const maxManifestBytes = 4 * 1024 * 1024;

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

export interface Manifest {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly mediaType: string;
  /**
   * Config and layers that must be in the repository; a foreign layer is stored elsewhere and not
   * required.
   */
  readonly blobs: readonly Descriptor[];
  /** Manifests that a list or an index refers to. */
  readonly children: readonly Descriptor[];
  readonly artifactMediaType?: string;
  readonly subject?: string;
}

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function isList(mediaType: string): boolean {
  return mediaType === dockerListType || mediaType === ociIndexType;
}

/** The media type in the manifest itself; optional in OCI, always present in Docker's formats. */
export function ownMediaType(bytes: Uint8Array): string | undefined {
  const value = parseObject(bytes)?.mediaType;
  return typeof value === "string" ? value : undefined;
}

/**
 * Undefined when it is not a manifest of that type: not JSON, not schema version 2, config or
 * layers missing or malformed.
 */
export function readManifest(bytes: Uint8Array, mediaType: string): Manifest | undefined {
  const document = parseObject(bytes);
  if (document?.schemaVersion !== 2 || !manifestTypes.includes(mediaType)) return undefined;
  const own = document.mediaType;
  if (own !== undefined && own !== mediaType) return undefined;
  const parts = isList(mediaType) ? readList(document) : readImage(document);
  if (!parts) return undefined;
  const subject = readDescriptor(document.subject);
  return {
    bytes,
    digest: sha256(bytes),
    mediaType,
    ...parts,
    ...(subject && { subject: subject.digest }),
  };
}

function readList(
  document: Record<string, unknown>,
): Pick<Manifest, "blobs" | "children"> | undefined {
  const children = readDescriptors(document.manifests);
  return children && { blobs: [], children };
}

function readImage(
  document: Record<string, unknown>,
): Omit<Manifest, "bytes" | "digest" | "mediaType"> | undefined {
  const config = readDescriptor(document.config);
  const layers = readDescriptors(document.layers);
  if (!config || !layers) return undefined;
  const artifactType = document.artifactType;
  return {
    blobs: [config, ...layers.filter((layer) => !/foreign|nondistributable/.test(layer.mediaType))],
    children: [],
    artifactMediaType: typeof artifactType === "string" ? artifactType : config.mediaType,
  };
}

function readDescriptors(value: unknown): readonly Descriptor[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const descriptors = value.map(readDescriptor);
  return descriptors.every((descriptor) => descriptor !== undefined) ? descriptors : undefined;
}

function readDescriptor(value: unknown): Descriptor | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { digest, size, mediaType, platform } = value as Record<string, unknown>;
  if (typeof digest !== "string" || typeof size !== "number" || typeof mediaType !== "string")
    return undefined;
  return { digest, size, mediaType, ...readPlatform(platform) };
}

function readPlatform(value: unknown): Pick<Descriptor, "platform"> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { os, architecture } = value as Record<string, unknown>;
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return { platform: { os, architecture } };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
