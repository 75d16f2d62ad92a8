// A simulated Amazon ECR: the API and the registry, on one store. Behaviour and sources:
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
import { templateOperations } from "./creation-templates.ts";
import { parseImageReference } from "./names.ts";
import { serveRegistry } from "./registry.ts";
import { type RegistryState, repositoryArn } from "./store.ts";
import { Tokens } from "./tokens.ts";

export interface EcrOptions {
  readonly clock: SimulatorClock;
  readonly region: string;
  readonly accountId: string;
  /**
   * Host in repositoryUri and proxyEndpoint; by default the one with which the caller reached the
   * simulator.
   */
  readonly registryHost?: string;
  /**
   * Layers are stored as files here instead of in memory. The caller creates and removes the
   * folder.
   */
  readonly blobFolder?: string;
  /**
   * Whether this caller may perform the action (`ecr:PutImage`) over the registry. Returns the
   * denial in AWS's words. The wire checks the calls of the API.
   */
  readonly authorize?: (
    principal: Principal,
    action: string,
    resourceArn: string,
  ) => string | undefined;
  /** The account's setting BLOB_MOUNTING; off, as in a new account. */
  readonly blobMounting?: boolean;
  /** The registry's passwords; by default its own. */
  readonly tokens?: Tokens;
  /**
   * A push of the same digest to its immutable tag, over the registry: not verified on AWS, so both
   * can be simulated.
   */
  readonly sameDigestOnImmutableTag?: "accepted" | "refused";
}

export interface Ecr {
  readonly service: AwsService;
  registry(request: WireRequest, host: string): Promise<WireResponse>;
  /**
   * ARN of the repository of this image, even if it does not exist; undefined: it is in another
   * registry.
   */
  repositoryOf(imageReference: string): string | undefined;
  /**
   * Digest of an image reference in one of our repositories, by tag (default `latest`) or by
   * digest; undefined when it does not exist.
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
    templates: new Map(),
    blobs: new BlobStore(blobFolder),
    tokens: options.tokens ?? new Tokens(clock),
    blobMounting: options.blobMounting ?? false,
    sameDigestOnImmutableTag: options.sameDigestOnImmutableTag ?? "accepted",
    ...(registryHost !== undefined && { registryHost }),
    ...(authorize && { authorize }),
  };
  if (registryHost !== undefined) room.hosts.add(registryHost);
  return {
    service: {
      operations: {
        ...repositoryOperations(room),
        ...templateOperations(room),
        ...imageOperations(room),
      },
    },
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

/** If it has a tag and a digest, the digest counts, as in every container engine. */
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
