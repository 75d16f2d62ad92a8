// The operations that read images, and the one that deletes them.

import type {
  BatchCheckLayerAvailabilityRequest,
  BatchCheckLayerAvailabilityResponse,
  BatchDeleteImageRequest,
  BatchDeleteImageResponse,
  BatchGetImageRequest,
  BatchGetImageResponse,
  DescribeImageScanFindingsRequest,
  DescribeImageScanFindingsResponse,
  DescribeImagesRequest,
  DescribeImagesResponse,
  Image,
  ImageDetail,
  ImageFailure,
  ImageIdentifier,
  ImageStatusFilter,
  LayerFailure,
  ListImagesRequest,
  ListImagesResponse,
  TagStatus,
  UpdateImageStorageClassRequest,
  UpdateImageStorageClassResponse,
} from "@aws-sdk/client-ecr";
import { AwsError, type Operation } from "../contract.ts";
import {
  describeImageId,
  type Found,
  findImage,
  findRepository,
  imageNotFound,
  invalidParameter,
  page,
  requireImage,
  requireImageIds,
} from "./api-input.ts";
import { putImage } from "./api-put-image.ts";
import { findAcceptableImage } from "./content-negotiation.ts";
import { isDigest } from "./names.ts";
import { scanFindings, scanStatus, scanSummary } from "./scans.ts";
import {
  imageStatus,
  type RegistryState,
  type Repository,
  type StoredImage,
  tagsOf,
} from "./store.ts";

export function imageOperations(room: RegistryState): Readonly<Record<string, Operation>> {
  return {
    PutImage: (input) => putImage(room, input),
    DescribeImages: (input: DescribeImagesRequest) => describeImages(room, input),
    ListImages: (input: ListImagesRequest) => listImages(room, input),
    BatchGetImage: (input: BatchGetImageRequest) => batchGetImage(room, input),
    BatchDeleteImage: (input: BatchDeleteImageRequest) => batchDeleteImage(room, input),
    BatchCheckLayerAvailability: (input: BatchCheckLayerAvailabilityRequest) =>
      batchCheckLayerAvailability(room, input),
    DescribeImageScanFindings: (input: DescribeImageScanFindingsRequest) =>
      describeImageScanFindings(room, input),
    UpdateImageStorageClass: (input: UpdateImageStorageClassRequest) =>
      updateImageStorageClass(room, input),
  };
}

function describeImages(room: RegistryState, input: DescribeImagesRequest): DescribeImagesResponse {
  const repository = findRepository(room, input);
  if (input.imageIds) {
    const digests = requireImageIds(input.imageIds).map((id) => {
      const digest = requireImage(room, repository, id);
      if (isListed(room, known(repository, digest), input.filter?.imageStatus)) return digest;
      throw imageNotFound(room, repository, id);
    });
    return {
      imageDetails: [...new Set(digests)].map((digest) => detail(room, repository, digest)),
    };
  }
  const wanted = [...repository.images.keys()].filter(
    (digest) =>
      hasStatus(repository, digest, input.filter?.tagStatus) &&
      isListed(room, known(repository, digest), input.filter?.imageStatus),
  );
  const { items, nextToken } = page(wanted, input);
  return { imageDetails: items.map((digest) => detail(room, repository, digest)), nextToken };
}

function detail(room: RegistryState, repository: Repository, digest: string): ImageDetail {
  const image = known(repository, digest);
  const { manifest, scan } = image;
  const imageTags = tagsOf(repository, digest);
  return {
    registryId: room.accountId,
    repositoryName: repository.name,
    imageDigest: digest,
    ...(imageTags.length > 0 && { imageTags }),
    imageSizeInBytes: image.sizeInBytes,
    imagePushedAt: new Date(image.pushedAt),
    ...(scan && { imageScanStatus: scanStatus(scan), imageScanFindingsSummary: scanSummary(scan) }),
    imageManifestMediaType: manifest.mediaType,
    ...(manifest.artifactMediaType !== undefined && {
      artifactMediaType: manifest.artifactMediaType,
    }),
    ...(image.lastPulledAt !== undefined && { lastRecordedPullTime: new Date(image.lastPulledAt) }),
    ...(manifest.subject !== undefined && { subjectManifestDigest: manifest.subject }),
    imageStatus: imageStatus(image, room.clock.now()),
    ...(image.archive && { lastArchivedAt: new Date(image.archive.archivedAt) }),
  };
}

/** One entry per tag; an untagged image has one with its digest alone. */
function listImages(room: RegistryState, input: ListImagesRequest): ListImagesResponse {
  const repository = findRepository(room, input);
  const ids = [...repository.images.keys()]
    .filter(
      (digest) =>
        hasStatus(repository, digest, input.filter?.tagStatus) &&
        isListed(room, known(repository, digest), input.filter?.imageStatus),
    )
    .flatMap((digest) => identifiers(repository, digest));
  const { items, nextToken } = page(ids, input);
  return { imageIds: items, nextToken };
}

function batchGetImage(room: RegistryState, input: BatchGetImageRequest): BatchGetImageResponse {
  const repository = findRepository(room, input);
  const images: Image[] = [];
  const failures: ImageFailure[] = [];
  for (const id of requireImageIds(input.imageIds)) {
    const found = findImage(repository, id);
    const image =
      "digest" in found
        ? findAcceptableImage(repository, found.digest, input.acceptedMediaTypes)
        : undefined;
    if (!image || imageStatus(image, room.clock.now()) !== "ACTIVE") {
      failures.push(
        "digest" in found
          ? failure(id, { code: "ImageNotFound", reason: "Requested image not found" })
          : failure(id, found),
      );
      continue;
    }
    const { manifest } = image;
    images.push({
      registryId: room.accountId,
      repositoryName: repository.name,
      imageId: {
        imageDigest: manifest.digest,
        ...(id.imageTag !== undefined && { imageTag: id.imageTag }),
      },
      imageManifest: Buffer.from(manifest.bytes).toString("utf8"),
      imageManifestMediaType: manifest.mediaType,
    });
  }
  return { images, failures };
}

/**
 * By tag: removes the tag, and the image with its last tag. By digest: removes the image with all
 * its tags, unless an index needs it.
 */
function batchDeleteImage(
  room: RegistryState,
  input: BatchDeleteImageRequest,
): BatchDeleteImageResponse {
  const repository = findRepository(room, input);
  const imageIds: ImageIdentifier[] = [];
  const failures: ImageFailure[] = [];
  for (const id of requireImageIds(input.imageIds)) {
    const found = findImage(repository, id);
    if ("code" in found) {
      failures.push(failure(id, found));
      continue;
    }
    const { digest } = found;
    const others = tagsOf(repository, digest).filter((tag) => tag !== id.imageTag);
    const onlyUntag = id.imageTag !== undefined && others.length > 0;
    const parents = [...repository.images.values()].filter(({ manifest }) =>
      manifest.children.some((child) => child.digest === digest),
    );
    if (!onlyUntag && parents.length > 0) {
      const reason =
        "Requested image referenced by manifest list: " +
        `[${parents.map((parent) => parent.manifest.digest).join(", ")}]`;
      failures.push({
        imageId: id,
        failureCode: "ImageReferencedByManifestList",
        failureReason: reason,
      });
      continue;
    }
    imageIds.push(
      ...(id.imageTag === undefined
        ? identifiers(repository, digest)
        : [{ imageDigest: digest, imageTag: id.imageTag }]),
    );
    for (const tag of onlyUntag ? [id.imageTag] : tagsOf(repository, digest))
      repository.tags.delete(tag as string);
    if (!onlyUntag) repository.images.delete(digest);
  }
  return { imageIds, failures };
}

function batchCheckLayerAvailability(
  room: RegistryState,
  input: BatchCheckLayerAvailabilityRequest,
): BatchCheckLayerAvailabilityResponse {
  const repository = findRepository(room, input);
  const digests = input.layerDigests ?? [];
  if (digests.length < 1 || digests.length > 100)
    throw invalidParameter("layerDigests", "Member must have length between 1 and 100");
  const failures = digests
    .filter((digest) => !isDigest(digest))
    .map(
      (layerDigest): LayerFailure => ({
        layerDigest,
        failureCode: "InvalidLayerDigest",
        failureReason: "Invalid request parameters: layer digest is malformed",
      }),
    );
  const layers = digests.filter(isDigest).map((layerDigest) => {
    const size = repository.blobs.has(layerDigest) ? room.blobs.get(layerDigest)?.size : undefined;
    if (size === undefined) return { layerDigest, layerAvailability: "UNAVAILABLE" as const };
    return { layerDigest, layerAvailability: "AVAILABLE" as const, layerSize: size };
  });
  return { layers, failures };
}

function describeImageScanFindings(
  room: RegistryState,
  input: DescribeImageScanFindingsRequest,
): DescribeImageScanFindingsResponse {
  const repository = findRepository(room, input);
  const id = input.imageId ?? {};
  const { scan } = known(repository, requireImage(room, repository, id));
  if (!scan) {
    throw new AwsError(
      "ScanNotFoundException",
      `Image scan does not exist for the image with '${describeImageId(id)}' in the repository ` +
        `with name '${repository.name}' in the registry with id '${room.accountId}'`,
    );
  }
  const findings = scanFindings(scan);
  return {
    registryId: room.accountId,
    repositoryName: repository.name,
    imageId: id,
    imageScanStatus: scanStatus(scan),
    ...(findings && { imageScanFindings: findings }),
  };
}

function known(repository: Repository, digest: string): StoredImage {
  const image = repository.images.get(digest);
  if (!image) throw new Error(`${repository.name} has no ${digest}, though it was just found`);
  return image;
}

function identifiers(repository: Repository, digest: string): ImageIdentifier[] {
  const tags = tagsOf(repository, digest);
  return tags.length === 0
    ? [{ imageDigest: digest }]
    : tags.map((imageTag) => ({ imageDigest: digest, imageTag }));
}

function failure(
  imageId: ImageIdentifier,
  found: Exclude<Found, { digest: string }>,
): ImageFailure {
  return { imageId, failureCode: found.code, failureReason: found.reason };
}

/** Without a filter, only active images: so says the filter's documentation in the API's model. */
function isListed(
  { clock }: RegistryState,
  image: StoredImage,
  filter: ImageStatusFilter = "ACTIVE",
): boolean {
  return filter === "ANY" || imageStatus(image, clock.now()) === filter;
}

const restoreMilliseconds = 20 * 60_000;

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UpdateImageStorageClass.html */
function updateImageStorageClass(
  room: RegistryState,
  { imageId = {}, targetStorageClass, ...input }: UpdateImageStorageClassRequest,
): UpdateImageStorageClassResponse {
  const repository = findRepository(room, input);
  const image = known(repository, requireImage(room, repository, imageId));
  const now = room.clock.now();
  if (targetStorageClass === "ARCHIVE") image.archive = { archivedAt: now };
  else if (image.archive)
    image.archive = { ...image.archive, restoredAt: now + restoreMilliseconds };
  const { accountId: registryId } = room;
  const { name: repositoryName } = repository;
  return { registryId, repositoryName, imageId, imageStatus: imageStatus(image, now) };
}

function hasStatus(repository: Repository, digest: string, status: TagStatus | undefined): boolean {
  if (status === undefined || status === "ANY") return true;
  return tagsOf(repository, digest).length > 0 === (status === "TAGGED");
}
