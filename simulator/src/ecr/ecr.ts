// Amazon ECR in a box: the API and the registry, over one store. What it does and why:
// ../README.md.

import type {
  AwsService,
  Principal,
  SimulatorClock,
  WireRequest,
  WireResponse,
} from "../contract.ts";
import { registryHostOf } from "../iam/partitions.ts";
import { createAdmin, type EcrAdmin } from "./admin.ts";
import { imageOperations } from "./api-images.ts";
import { repositoryOperations } from "./api-repositories.ts";
import { BlobStore } from "./blobs.ts";
import { parseImageReference } from "./names.ts";
import { serveRegistry } from "./registry.ts";
import { type RegistryState, repositoryArn } from "./store.ts";
import { Tokens } from "./tokens.ts";

export interface EcrOptions {
  readonly clock: SimulatorClock;
  readonly region: string;
  readonly accountId: string;
  /** Host in repositoryUri and proxyEndpoint; by default the one on which the caller reached us. */
  readonly registryHost?: string;
  /** Layers go into files here instead of memory. The caller makes and removes the folder. */
  readonly blobFolder?: string;
  /**
   * May this caller do this (`ecr:PutImage`) over the registry? Answers the refusal, in AWS's
   * words. The API's calls are the wire's to check.
   */
  readonly authorize?: (
    principal: Principal,
    action: string,
    resourceArn: string,
  ) => string | undefined;
  /** The account's setting BLOB_MOUNTING; off, as in a new account. */
  readonly blobMounting?: boolean;
  /**
   * A push of the same digest to its frozen tag, over the registry: not verified on AWS, so both
   * can be played.
   */
  readonly sameDigestOnImmutableTag?: "accepted" | "refused";
}

export interface Ecr {
  readonly service: AwsService;
  registry(request: WireRequest, host: string): Promise<WireResponse>;
  /**
   * ARN of the repository that this image is in, whether it is there or not; undefined: it is in
   * another registry.
   */
  repositoryOf(imageReference: string): string | undefined;
  /**
   * Digest of an image reference in one of our repositories, by tag (`latest` when none is given)
   * or by digest; undefined when it is not there.
   */
  resolve(imageReference: string): string | undefined;
  readonly repositories: EcrAdmin;
}

export function createEcr(options: EcrOptions): Ecr {
  const { clock, region, accountId, registryHost, blobFolder, authorize } = options;
  const room: RegistryState = {
    clock,
    region,
    accountId,
    hosts: new Set([registryHostOf({ region, accountId })]),
    repositories: new Map(),
    blobs: new BlobStore(blobFolder),
    tokens: new Tokens(clock),
    blobMounting: options.blobMounting ?? false,
    sameDigestOnImmutableTag: options.sameDigestOnImmutableTag ?? "accepted",
    ...(registryHost !== undefined && { registryHost }),
    ...(authorize && { authorize }),
  };
  if (registryHost !== undefined) room.hosts.add(registryHost);
  return {
    service: { operations: { ...repositoryOperations(room), ...imageOperations(room) } },
    registry: (request, host) => serveRegistry(room, request, host),
    repositoryOf(imageReference) {
      const reference = parseImageReference(imageReference);
      return reference && room.hosts.has(reference.host)
        ? repositoryArn(room, reference.repository)
        : undefined;
    },
    resolve: (imageReference) => resolve(room, imageReference),
    repositories: createAdmin(room),
  };
}

/**
 * With a tag and a digest in it, the digest counts and the tag is for the reader, as in every
 * container engine.
 */
function resolve(room: RegistryState, imageReference: string): string | undefined {
  const reference = parseImageReference(imageReference);
  const repository =
    reference && room.hosts.has(reference.host)
      ? room.repositories.get(reference.repository)
      : undefined;
  if (!reference || !repository) return undefined;
  const digest = reference.digest ?? repository.tags.get(reference.tag ?? "latest");
  return digest !== undefined && repository.images.has(digest) ? digest : undefined;
}
