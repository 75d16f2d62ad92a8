// The contents of the registry, shared by the API and the registry protocol.

import type { ImageStatus, RCTAppliedFor } from "@aws-sdk/client-ecr";
import type { Principal, SimulatorClock } from "../contract.ts";
import { regionalArn } from "../iam/partitions.ts";
import type { BlobStore, Upload } from "./blobs.ts";
import { isList, type Manifest } from "./manifest.ts";
import { isImmutable, type TagRule } from "./mutability.ts";
import type { RepositoryPolicy } from "./repository-policy.ts";
import { cleanScan, type Scan, type ScanStep } from "./scans.ts";
import type { Tokens } from "./tokens.ts";

export interface StoredImage {
  readonly manifest: Manifest;
  /**
   * Simulated time of the first push; pushing the same manifest again, or under another tag, does
   * not change it.
   */
  readonly pushedAt: number;
  readonly sizeInBytes: number;
  lastPulledAt?: number;
  scan?: Scan;
  /** It is, or was, in the archive. Simulated time. */
  archive?: { readonly archivedAt: number; readonly restoredAt?: number };
}

/**
 * An archived image is described, but cannot be pulled; restoring takes up to 20 minutes.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html
 */
export function imageStatus({ archive }: StoredImage, now: number): ImageStatus {
  if (!archive) return "ACTIVE";
  const { restoredAt } = archive;
  if (restoredAt === undefined) return "ARCHIVED";
  return now < restoredAt ? "ACTIVATING" : "ACTIVE";
}

/** What was received over the registry protocol (not over the API). */
export interface Traffic {
  /** Bytes of blob data, including uploads that were cut off. */
  readonly blobBytes: number;
  /** Uploads that were completed. */
  readonly blobUploads: number;
  /** Blobs mounted from another repository instead of being uploaded. */
  readonly blobMounts: number;
  readonly manifestBytes: number;
  /** Manifests accepted. */
  readonly manifestPuts: number;
}

export const noTraffic: Traffic = {
  blobBytes: 0,
  blobUploads: 0,
  blobMounts: 0,
  manifestBytes: 0,
  manifestPuts: 0,
};

export interface Repository {
  readonly name: string;
  readonly createdAt: number;
  readonly scanOnPush: boolean;
  tagRule: TagRule;
  /** For callers of other accounts. */
  policy?: RepositoryPolicy;
  readonly images: Map<string, StoredImage>;
  /** Tag → digest. */
  readonly tags: Map<string, string>;
  /** Layers belong to a repository: those of another one must be mounted or uploaded again. */
  readonly blobs: Set<string>;
  readonly uploads: Map<string, Upload>;
  /** The progress of the scan of each image that is put from now on. */
  scanSteps: readonly ScanStep[];
  traffic: Traffic;
}

/** How ECR itself creates repositories below a prefix; `ROOT`: where no other prefix matches. */
export interface CreationTemplate {
  readonly prefix: string;
  readonly appliedFor: readonly RCTAppliedFor[];
  readonly tagRule: TagRule;
}

/** The state shared by the API and the registry protocol. */
export interface RegistryState {
  readonly clock: SimulatorClock;
  readonly region: string;
  readonly accountId: string;
  readonly registryHost?: string;
  /** Hosts with which callers reached the simulator: its own names in image references. */
  readonly hosts: Set<string>;
  readonly repositories: Map<string, Repository>;
  /** By prefix. */
  readonly templates: Map<string, CreationTemplate>;
  readonly blobs: BlobStore;
  readonly tokens: Tokens;
  readonly blobMounting: boolean;
  readonly sameDigestOnImmutableTag: "accepted" | "refused";
  readonly authorize?: (
    principal: Principal,
    action: string,
    resourceArn: string,
  ) => string | undefined;
}

export function repositoryArn(room: RegistryState, name: string): string {
  return regionalArn(room, "ecr", `repository/${name}`);
}

export function repositoryNotFoundMessage(name: string, registryId: string): string {
  return `The repository with name '${name}' does not exist in the registry with id '${registryId}'`;
}

/**
 * The message for an immutable tag; until 2025 it ended in "because the repository is immutable".
 */
export function immutableTagMessage(tag: string, repository: string): string {
  return (
    `The image tag '${tag}' already exists in the '${repository}' repository and cannot be ` +
    "overwritten because the tag is immutable."
  );
}

export function addRepository(
  room: RegistryState,
  name: string,
  tagRule: TagRule,
  scanOnPush: boolean,
): Repository {
  const repository: Repository = {
    name,
    createdAt: room.clock.now(),
    scanOnPush,
    tagRule,
    images: new Map(),
    tags: new Map(),
    blobs: new Set(),
    uploads: new Map(),
    scanSteps: scanOnPush ? cleanScan : [],
    traffic: noTraffic,
  };
  room.repositories.set(name, repository);
  return repository;
}

export function addTraffic(repository: Repository, added: Partial<Traffic>): void {
  const sum = { ...repository.traffic };
  for (const [name, value] of Object.entries(added)) sum[name as keyof Traffic] += value;
  repository.traffic = sum;
}

/** The state of a tag before an image is put under it. */
type TagState = "absent" | "same" | "movable" | "immutable";

export function tagState(repository: Repository, tag: string, digest: string): TagState {
  const current = repository.tags.get(tag);
  if (current === undefined) return "absent";
  if (current === digest) return "same";
  return isImmutable(repository.tagRule, tag) ? "immutable" : "movable";
}

export function missingBlobs(repository: Repository, manifest: Manifest): readonly string[] {
  return manifest.blobs
    .map((blob) => blob.digest)
    .filter((digest) => !repository.blobs.has(digest));
}

export function missingChildren(repository: Repository, manifest: Manifest): readonly string[] {
  return manifest.children
    .map((child) => child.digest)
    .filter((digest) => !repository.images.has(digest));
}

/**
 * Stores it without checking any rule: the callers do that. An image that loses its last tag is
 * kept, untagged.
 */
export function storeImage(
  room: RegistryState,
  repository: Repository,
  manifest: Manifest,
  tag?: string,
): StoredImage {
  let image = repository.images.get(manifest.digest);
  if (!image) {
    image = { manifest, pushedAt: room.clock.now(), sizeInBytes: sizeOf(repository, manifest) };
    repository.images.set(manifest.digest, image);
    startScan(room, repository, image);
  }
  // A push of an archived image restores it at once.
  delete image.archive;
  if (tag !== undefined) repository.tags.set(tag, manifest.digest);
  return image;
}

export function tagsOf(repository: Repository, digest: string): string[] {
  return [...repository.tags]
    .filter(([, at]) => at === digest)
    .map(([tag]) => tag)
    .sort();
}

/**
 * For a list: its largest member ("the max size of all manifests in the list", ImageDetail in the
 * API reference).
 */
function sizeOf(repository: Repository, manifest: Manifest): number {
  if (isList(manifest.mediaType)) {
    return Math.max(
      0,
      ...manifest.children.map((child) => repository.images.get(child.digest)?.sizeInBytes ?? 0),
    );
  }
  return manifest.blobs.reduce((sum, blob) => sum + blob.size, 0);
}

/**
 * Scan results belong to images, never to an index: for a tag that is an index the API returns
 * ScanNotFoundException.
 */
function startScan(room: RegistryState, repository: Repository, image: StoredImage): void {
  if (isList(image.manifest.mediaType)) return;
  for (const step of repository.scanSteps) {
    room.clock.schedule(step.afterMilliseconds, () => {
      image.scan = { ...step.scan, changedAt: room.clock.now() };
    });
  }
}
