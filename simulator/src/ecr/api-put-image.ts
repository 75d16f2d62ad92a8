// PutImage with all its rules:
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html

import type { PutImageRequest, PutImageResponse } from "@aws-sdk/client-ecr";
import { AwsError } from "../contract.ts";
import { findRepository, invalidParameter, requireTag } from "./api-input.ts";
import { type Manifest, maxManifestBytes, ownMediaType, readManifest } from "./manifest.ts";
import {
  immutableTagMessage,
  missingBlobs,
  missingChildren,
  type RegistryState,
  type Repository,
  storeImage,
  tagState,
} from "./store.ts";

export function putImage(room: RegistryState, input: PutImageRequest): PutImageResponse {
  const repository = findRepository(room, input);
  const { imageTag, imageDigest } = input;
  if (imageTag !== undefined) requireTag(imageTag);
  const manifest = requireManifest(input);
  if (imageDigest !== undefined && imageDigest !== manifest.digest) {
    throw new AwsError(
      "ImageDigestDoesNotMatchException",
      `The image digest '${imageDigest}' does not match the digest '${manifest.digest}' ` +
        "calculated for the image",
    );
  }
  requireReferences(room, repository, manifest);
  requireTagFree(room, repository, manifest.digest, imageTag);
  storeImage(room, repository, manifest, imageTag);
  return {
    image: {
      registryId: room.accountId,
      repositoryName: repository.name,
      imageId: { imageDigest: manifest.digest, ...(imageTag !== undefined && { imageTag }) },
      imageManifest: input.imageManifest,
      imageManifestMediaType: manifest.mediaType,
    },
  };
}

/**
 * Docker's manifests contain their media type, so the request needs none. OCI's must have it in the
 * request, even if the manifest contains it: without it users get the sentence on invalid JSON
 * (aws/containers-roadmap#1873).
 */
function requireManifest(input: PutImageRequest): Manifest {
  const text = input.imageManifest ?? "";
  if (text.length < 1 || text.length > maxManifestBytes)
    throw invalidParameter("imageManifest", "Member must have length between 1 and 4194304");
  const bytes = Buffer.from(text, "utf8");
  const own = ownMediaType(bytes);
  const mediaType =
    input.imageManifestMediaType ?? (own?.startsWith("application/vnd.docker.") ? own : undefined);
  const manifest = mediaType === undefined ? undefined : readManifest(bytes, mediaType);
  if (!manifest) throw invalidParameter("ImageManifest", "Invalid JSON syntax");
  return manifest;
}

function requireReferences(room: RegistryState, repository: Repository, manifest: Manifest): void {
  const place = `in the repository with name '${repository.name}' in the registry with id '${room.accountId}'`;
  const blobs = missingBlobs(repository, manifest);
  if (blobs.length > 0)
    throw new AwsError(
      "LayersNotFoundException",
      `Layers with digests '[${blobs.join(", ")}]' required for pushing image ` +
        `'${manifest.digest}' are not found ${place}`,
    );
  const children = missingChildren(repository, manifest);
  if (children.length > 0) {
    throw new AwsError(
      "ReferencedImagesNotFoundException",
      `Images with digests '[${children.join(", ")}]' required for pushing image ` +
        `'${manifest.digest}' are not found ${place}`,
    );
  }
}

function requireTagFree(
  room: RegistryState,
  repository: Repository,
  digest: string,
  tag: string | undefined,
): void {
  const state = tag === undefined ? "untagged" : tagState(repository, tag, digest);
  if (state === "same" || (state === "untagged" && repository.images.has(digest))) {
    const tagged = tag === undefined ? "" : ` and tag '${tag}'`;
    throw new AwsError(
      "ImageAlreadyExistsException",
      `Image with digest '${digest}'${tagged} already exists in the repository with name ` +
        `'${repository.name}' in registry with id '${room.accountId}'`,
    );
  }
  if (state === "immutable" && tag !== undefined)
    throw new AwsError("ImageTagAlreadyExistsException", immutableTagMessage(tag, repository.name));
}
