// How a test prepares and inspects the registry. The rules of the API do not apply here.

import type {
  ImageTagMutability,
  ImageTagMutabilityExclusionFilter,
  RCTAppliedFor,
} from "@aws-sdk/client-ecr";
import {
  dockerManifestType,
  manifestTypes,
  ociIndexType,
  ociManifestType,
  ownMediaType,
  readManifest,
} from "./manifest.ts";
import { readTagRule, type TagRule } from "./mutability.ts";
import { isTag } from "./names.ts";
import type { RepositoryPolicy } from "./repository-policy.ts";
import type { Scan, ScanStep } from "./scans.ts";
import {
  addRepository,
  noTraffic,
  type RegistryState,
  type Repository,
  type StoredImage,
  storeImage,
  type Traffic,
  tagsOf,
} from "./store.ts";

interface RepositorySettings {
  readonly imageTagMutability?: ImageTagMutability;
  /** Tags, `*` allowed, that have the opposite mutability. */
  readonly exclusions?: readonly string[];
  readonly scanOnPush?: boolean;
  /** The progress of the scan of each image that is put from now on, in simulated time. */
  readonly scans?: readonly ScanStep[];
}

interface TemplateSettings extends Pick<RepositorySettings, "imageTagMutability" | "exclusions"> {
  readonly appliedFor?: readonly RCTAppliedFor[];
}

interface ImageSettings {
  readonly tags?: readonly string[];
  /**
   * Contents of the layers; by default made from the tags, so that different tags give different
   * images.
   */
  readonly layers?: readonly (string | Uint8Array)[];
  /** Members of the image's config besides architecture and os. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly os?: string;
  readonly architecture?: string;
  readonly mediaType?: string;
}

interface ImageSummary {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly mediaType: string;
  readonly sizeInBytes: number;
  readonly pushedAt: number;
}

export interface EcrAdmin {
  createRepository(name: string, settings?: RepositorySettings): void;
  deleteRepository(name: string): void;
  /** Default: for pushes. */
  putCreationTemplate(prefix: string, settings?: TemplateSettings): void;
  setTagMutability(name: string, setting: ImageTagMutability, exclusions?: readonly string[]): void;
  /** Lets callers of other accounts in, as SetRepositoryPolicy does. */
  setPolicy(name: string, policy: RepositoryPolicy): void;
  /** undefined: it has none, or there is no such repository. */
  policy(name: string): RepositoryPolicy | undefined;
  /** Creates an image and puts it; returns its digest. */
  putImage(name: string, image?: ImageSettings): string;
  /** An index of existing images. */
  putIndex(name: string, children: readonly string[], tags?: readonly string[]): string;
  /** Newest last. */
  images(name: string): readonly ImageSummary[];
  /** Tag → digest. */
  tags(name: string): Readonly<Record<string, string>>;
  manifest(name: string, reference: string): string;
  setScan(name: string, reference: string, scan: Scan | undefined): void;
  /** Moves the image to the archive. */
  archiveImage(name: string, reference: string): void;
  /** Of one repository, or of all together. */
  traffic(name?: string): Traffic;
  resetTraffic(): void;
  /** All registry passwords issued so far, for tests that search for leaks. */
  passwords(): readonly string[];
  /** As if twelve hours had passed for every issued password. */
  expirePasswords(): void;
}

export function createAdmin(room: RegistryState): EcrAdmin {
  const repository = (name: string) => required(room.repositories.get(name), `repository ${name}`);
  return {
    createRepository(name, settings = {}) {
      const rule = tagRule(settings.imageTagMutability ?? "MUTABLE", settings.exclusions);
      const made = addRepository(room, name, rule, settings.scanOnPush ?? false);
      if (settings.scans) made.scanSteps = settings.scans;
    },
    putCreationTemplate(prefix, settings = {}) {
      const { appliedFor = ["CREATE_ON_PUSH"], imageTagMutability = "MUTABLE" } = settings;
      const rule = tagRule(imageTagMutability, settings.exclusions);
      room.templates.set(prefix, { prefix, appliedFor, tagRule: rule });
    },
    deleteRepository: (name) => void room.repositories.delete(name),
    setTagMutability(name, setting, exclusions) {
      repository(name).tagRule = tagRule(setting, exclusions);
    },
    setPolicy(name, policy) {
      repository(name).policy = policy;
    },
    policy: (name) => room.repositories.get(name)?.policy,
    putImage: (name, image = {}) => makeImage(room, repository(name), image),
    putIndex: (name, children, tags = []) => makeIndex(room, repository(name), children, tags),
    images(name) {
      const at = repository(name);
      return [...at.images.values()].map((image) => summary(at, image));
    },
    tags: (name) => Object.fromEntries(repository(name).tags),
    manifest: (name, reference) =>
      Buffer.from(imageAt(repository(name), reference).manifest.bytes).toString("utf8"),
    setScan(name, reference, scan) {
      const image = imageAt(repository(name), reference);
      if (scan) image.scan = { changedAt: room.clock.now(), ...scan };
      else delete image.scan;
    },
    archiveImage(name, reference) {
      imageAt(repository(name), reference).archive = { archivedAt: room.clock.now() };
    },
    traffic(name) {
      const among = name === undefined ? [...room.repositories.values()] : [repository(name)];
      return among.map((one) => one.traffic).reduce(sumTraffic, noTraffic);
    },
    resetTraffic() {
      for (const one of room.repositories.values()) one.traffic = noTraffic;
    },
    passwords: () => room.tokens.passwords(),
    expirePasswords: () => room.tokens.expire(),
  };
}

function makeImage(room: RegistryState, repository: Repository, image: ImageSettings): string {
  const { tags = [], mediaType = ociManifestType, architecture = "amd64", os = "linux" } = image;
  const docker = mediaType === dockerManifestType;
  const layerType = docker
    ? "application/vnd.docker.image.rootfs.diff.tar.gzip"
    : "application/vnd.oci.image.layer.v1.tar+gzip";
  const configType = docker
    ? "application/vnd.docker.container.image.v1+json"
    : "application/vnd.oci.image.config.v1+json";
  const layers = (image.layers ?? [`layer of ${tags.join(" ")}`]).map((layer) =>
    storeBlob(room, repository, layer, layerType),
  );
  const rootfs = { type: "layers", diff_ids: layers.map((layer) => layer.digest) };
  const config = storeBlob(
    room,
    repository,
    JSON.stringify({ architecture, os, ...image.config, rootfs }),
    configType,
  );
  return put(
    room,
    repository,
    JSON.stringify({ schemaVersion: 2, mediaType, config, layers }),
    tags,
  );
}

function makeIndex(
  room: RegistryState,
  repository: Repository,
  children: readonly string[],
  tags: readonly string[],
): string {
  const manifests = children.map((digest) => {
    const { manifest } = imageAt(repository, digest);
    return {
      mediaType: manifest.mediaType,
      digest,
      size: manifest.bytes.byteLength,
      platform: platformOf(room, manifest.blobs[0]?.digest),
    };
  });
  return put(
    room,
    repository,
    JSON.stringify({ schemaVersion: 2, mediaType: ociIndexType, manifests }),
    tags,
  );
}

function platformOf(
  room: RegistryState,
  config: string | undefined,
): { readonly os: string; readonly architecture: string } {
  const blob = config === undefined ? undefined : room.blobs.get(config);
  const { os = "unknown", architecture = "unknown" } = blob
    ? JSON.parse(room.blobs.text(blob))
    : {};
  return { os, architecture };
}

function storeBlob(
  room: RegistryState,
  repository: Repository,
  content: string | Uint8Array,
  mediaType: string,
) {
  const { digest, size } = room.blobs.put(Buffer.from(content));
  repository.blobs.add(digest);
  return { mediaType, digest, size };
}

function put(
  room: RegistryState,
  repository: Repository,
  text: string,
  tags: readonly string[],
): string {
  const bytes = Buffer.from(text);
  const manifest = required(
    readManifest(bytes, ownMediaType(bytes) ?? ""),
    `media type (one of ${manifestTypes.join(", ")})`,
  );
  for (const tag of tags)
    if (!isTag(tag)) throw new Error(`The simulator's test put a bad tag: ${tag}`);
  storeImage(room, repository, manifest);
  for (const tag of tags) storeImage(room, repository, manifest, tag);
  return manifest.digest;
}

function imageAt(repository: Repository, reference: string): StoredImage {
  return required(
    repository.images.get(repository.tags.get(reference) ?? reference),
    `image ${repository.name} ${reference}`,
  );
}

function summary(
  repository: Repository,
  { manifest, sizeInBytes, pushedAt }: StoredImage,
): ImageSummary {
  return {
    digest: manifest.digest,
    tags: tagsOf(repository, manifest.digest),
    mediaType: manifest.mediaType,
    sizeInBytes,
    pushedAt,
  };
}

function tagRule(setting: ImageTagMutability, exclusions: readonly string[] = []): TagRule {
  const filters = exclusions.map(
    (filter): ImageTagMutabilityExclusionFilter => ({ filterType: "WILDCARD", filter }),
  );
  const rule = readTagRule(setting, filters);
  if ("problem" in rule) throw new Error(rule.problem);
  return rule;
}

function sumTraffic(sum: Traffic, more: Traffic): Traffic {
  return {
    blobBytes: sum.blobBytes + more.blobBytes,
    blobUploads: sum.blobUploads + more.blobUploads,
    blobMounts: sum.blobMounts + more.blobMounts,
    manifestBytes: sum.manifestBytes + more.manifestBytes,
    manifestPuts: sum.manifestPuts + more.manifestPuts,
  };
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The simulator has no such ${what}`);
  return value;
}
