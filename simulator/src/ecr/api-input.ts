// Shared by the operations: finding the repository, checking names, paging.

import type { ImageIdentifier } from "@aws-sdk/client-ecr";
import { AwsError, type CallContext } from "../contract.ts";
import { isDigest, isRepositoryName, isTag, repositoryPattern, tagPattern } from "./names.ts";
import { type RegistryState, type Repository, repositoryNotFoundMessage } from "./store.ts";

interface OnRepository {
  readonly repositoryName?: string | undefined;
  readonly registryId?: string | undefined;
}

export function invalidParameter(parameter: string, constraint: string): AwsError {
  return new AwsError(
    "InvalidParameterException",
    `Invalid parameter at '${parameter}' failed to satisfy constraint: '${constraint}'`,
  );
}

export function requireRepositoryName(name: string | undefined): string {
  if (isRepositoryName(name)) return name;
  throw invalidParameter(
    "repositoryName",
    `must satisfy regular expression '${repositoryPattern}'`,
  );
}

/** Registries of other accounts are not simulated: their repositories do not exist. */
export function findRepository(room: RegistryState, input: OnRepository): Repository {
  const name = requireRepositoryName(input.repositoryName);
  const registryId = input.registryId ?? room.accountId;
  const repository = registryId === room.accountId ? room.repositories.get(name) : undefined;
  if (!repository)
    throw new AwsError("RepositoryNotFoundException", repositoryNotFoundMessage(name, registryId));
  return repository;
}

export function requireTag(tag: string): string {
  if (isTag(tag)) return tag;
  throw invalidParameter("imageTag", `must satisfy regular expression '${tagPattern}'`);
}

/**
 * At most 100 in one call:
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
 */
export function requireImageIds(
  ids: readonly ImageIdentifier[] | undefined,
): readonly ImageIdentifier[] {
  if (Array.isArray(ids) && ids.length >= 1 && ids.length <= 100) return ids;
  throw invalidParameter("imageIds", "Member must have length between 1 and 100");
}

/** An image id as it appears in AWS's messages. */
export function describeImageId(id: ImageIdentifier): string {
  return `{imageDigest:'${id.imageDigest ?? "null"}', imageTag:'${id.imageTag ?? "null"}'}`;
}

export type Found =
  | { readonly digest: string }
  | {
      readonly code:
        | "MissingDigestAndTag"
        | "InvalidImageDigest"
        | "InvalidImageTag"
        | "ImageNotFound"
        | "ImageTagDoesNotMatchDigest";
      readonly reason: string;
    };

/** The image of an image id, or the failure as BatchGetImage and BatchDeleteImage report it. */
export function findImage(repository: Repository, id: ImageIdentifier): Found {
  const { imageDigest, imageTag } = id;
  if (imageDigest === undefined && imageTag === undefined) {
    return {
      code: "MissingDigestAndTag",
      reason: "Invalid request parameters: both tag and digest cannot be null",
    };
  }
  if (imageDigest !== undefined && !isDigest(imageDigest)) {
    return {
      code: "InvalidImageDigest",
      reason:
        "Invalid request parameters: image digest should satisfy the regex " +
        "'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    };
  }
  if (imageTag !== undefined && !isTag(imageTag)) {
    return {
      code: "InvalidImageTag",
      reason: `Invalid request parameters: image tag should satisfy the regex '${tagPattern}'`,
    };
  }
  const tagged = imageTag === undefined ? undefined : repository.tags.get(imageTag);
  const digest = imageDigest ?? tagged;
  if (digest === undefined || !repository.images.has(digest))
    return { code: "ImageNotFound", reason: "Requested image not found" };
  if (imageTag !== undefined && tagged !== digest) {
    return {
      code: "ImageTagDoesNotMatchDigest",
      reason: "Requested image tag does not map to requested image digest",
    };
  }
  return { digest };
}

/** For the calls that throw an error where the batch calls return a failure. */
export function requireImage(
  room: RegistryState,
  repository: Repository,
  id: ImageIdentifier,
): string {
  const found = findImage(repository, id);
  if ("digest" in found) return found.digest;
  if (found.code !== "ImageNotFound" && found.code !== "ImageTagDoesNotMatchDigest") {
    throw new AwsError("InvalidParameterException", found.reason);
  }
  throw imageNotFound(room, repository, id);
}

export function imageNotFound(
  room: RegistryState,
  repository: Repository,
  id: ImageIdentifier,
): AwsError {
  return new AwsError(
    "ImageNotFoundException",
    `The image with imageId ${describeImageId(id)} does not exist within the repository with ` +
      `name '${repository.name}' in the registry with id '${room.accountId}'`,
  );
}

interface Paged {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/**
 * 100 per page by default, at most 1,000. The token is opaque to callers; here it is the index at
 * which the next page begins.
 */
export function page<T>(
  all: readonly T[],
  input: Paged,
): { readonly items: T[]; readonly nextToken?: string } {
  const size = input.maxResults ?? 100;
  if (!Number.isInteger(size) || size < 1 || size > 1000)
    throw invalidParameter("maxResults", "must be between 1 and 1000");
  const at =
    input.nextToken === undefined
      ? "0"
      : Buffer.from(input.nextToken, "base64url").toString("utf8");
  if (!/^\d+$/.test(at))
    throw invalidParameter("nextToken", "must be a token that this call gave out");
  const start = Number(at);
  const end = start + size;
  return {
    items: all.slice(start, end),
    ...(end < all.length && { nextToken: Buffer.from(String(end)).toString("base64url") }),
  };
}

/**
 * The host in image references: the configured one, or the one with which the caller reached the
 * simulator.
 */
export function registryHost(room: RegistryState, context: CallContext): string {
  const host = room.registryHost ?? context.host;
  room.hosts.add(host);
  return host;
}
