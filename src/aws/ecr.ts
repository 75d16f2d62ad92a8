// ECR, one function per call: the calls of the registry's API that image/ needs.

import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImageScanFindingsCommand,
  type DescribeImageScanFindingsResponse,
  DescribeImagesCommand,
  type DescribeImagesRequest,
  DescribeRepositoriesCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
  type ImageIdentifier,
  type ImageTagMutability,
  PutImageCommand,
  type Repository,
} from "@aws-sdk/client-ecr";
import type { ObservedImage, ObservedRepository } from "../ecs/observed.ts";
import { definedOnly } from "../json.ts";
import { isAwsError } from "./aws-errors.ts";
import type { Call } from "./call.ts";
import { requireList, requireMember } from "./validate-response.ts";

export type Ecr = ReturnType<typeof createEcr>;

export interface RepositoryLocation {
  readonly repositoryName: string;
  /** Its account; undefined: that of the caller. */
  readonly registryId: string | undefined;
}

/** An image's manifest as it is stored: if its bytes change, so does its digest. */
interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly manifest: string;
}

/** Always all four: without the list ECR may return another representation than the stored one. */
const manifestMediaTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

export interface RegistryPassword {
  readonly username: string;
  readonly password: string;
  /** The registry's host and port. */
  readonly host: string;
}

type PutTagResult = "put" | "already-there" | "immutable";

export function createEcr(client: ECRClient, call: Call) {
  return {
    ...repositoryCalls(client, call),
    ...creationCalls(client, call),
    ...manifestCalls(client, call),
  };
}

function manifestCalls(client: ECRClient, call: Call) {
  return {
    /** By tag or by `sha256:…`. undefined: it does not exist. */
    async getManifest(
      repositoryName: string,
      tagOrDigest: string,
    ): Promise<StoredManifest | undefined> {
      const command = new BatchGetImageCommand({
        repositoryName,
        imageIds: [imageId(tagOrDigest)],
        acceptedMediaTypes: manifestMediaTypes,
      });
      const [image] = await call("ecr:BatchGetImage", async (abortSignal) => {
        const { images } = await client.send(command, { abortSignal });
        return requireList(images, "images");
      });
      if (!image?.imageManifest) return undefined;
      return {
        digest: image.imageId?.imageDigest ?? "",
        mediaType: image.imageManifestMediaType ?? "",
        manifest: image.imageManifest,
      };
    },

    /** One page. undefined: no scan of this image is known (yet). */
    async describeScan(
      { repositoryName, registryId }: RepositoryLocation,
      imageDigest: string,
      nextToken?: string,
    ): Promise<DescribeImageScanFindingsResponse | undefined> {
      const command = new DescribeImageScanFindingsCommand({
        repositoryName,
        registryId,
        imageId: { imageDigest },
        maxResults: 1_000,
        nextToken,
      });
      return await undefinedOn(
        call("ecr:DescribeImageScanFindings", async (abortSignal) => {
          const answer = await client.send(command, { abortSignal });
          requireMember(answer.imageScanStatus, "imageScanStatus");
          return answer;
        }),
        "ScanNotFoundException",
      );
    },

    /** Puts the same manifest under another tag: no layer is pushed. */
    async putTag(
      repositoryName: string,
      imageTag: string,
      { manifest, mediaType }: StoredManifest,
    ): Promise<PutTagResult> {
      const command = new PutImageCommand({
        repositoryName,
        imageTag,
        imageManifest: manifest,
        imageManifestMediaType: mediaType,
      });
      try {
        await call("ecr:PutImage", async (abortSignal) => {
          const { image } = await client.send(command, { abortSignal });
          requireMember(image, "image");
        });
        return "put";
      } catch (error) {
        if (isAwsError(error, "ImageAlreadyExistsException")) return "already-there";
        if (isAwsError(error, "ImageTagAlreadyExistsException")) return "immutable";
        throw error;
      }
    },
  };
}

function repositoryCalls(client: ECRClient, call: Call) {
  return {
    /** undefined: the repository does not exist. */
    async describeRepository(name: string): Promise<ObservedRepository | undefined> {
      const command = new DescribeRepositoriesCommand({ repositoryNames: [name] });
      const matches = await undefinedOn(
        call("ecr:DescribeRepositories", async (abortSignal) => {
          const { repositories } = await client.send(command, { abortSignal });
          return requireList(repositories, "repositories");
        }),
        "RepositoryNotFoundException",
      );
      const repository = matches?.[0];
      return repository && toObservedRepository(name, repository);
    },

    /** By tag or by `sha256:…`. undefined: there is no such image or no such repository. */
    async describeImage(
      repositoryName: string,
      tagOrDigest: string,
    ): Promise<ObservedImage | undefined> {
      const request = { repositoryName, imageIds: [imageId(tagOrDigest)] };
      const describe = (input: DescribeImagesRequest) =>
        undefinedOn(
          call("ecr:DescribeImages", async (abortSignal) => {
            const command = new DescribeImagesCommand(input);
            const { imageDetails } = await client.send(command, { abortSignal });
            return requireList(imageDetails, "imageDetails");
          }),
          "ImageNotFoundException",
          "RepositoryNotFoundException",
        );
      const [image] = (await withArchived(request, describe)) ?? [];
      const { imageDigest: digest, imageStatus: status } = image ?? {};
      if (digest === undefined) return undefined;
      return { digest, status };
    },

    /** User and password for the registry, valid for twelve hours. */
    async getRegistryPassword(): Promise<RegistryPassword> {
      const data = await call("ecr:GetAuthorizationToken", async (abortSignal) => {
        const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}), {
          abortSignal,
        });
        const [first] = requireList(authorizationData, "authorizationData");
        requireMember(first?.authorizationToken, "authorizationToken");
        return first;
      });
      const token = Buffer.from(data?.authorizationToken ?? "", "base64").toString("utf8");
      const colon = token.indexOf(":");
      return {
        username: token.slice(0, colon),
        password: token.slice(colon + 1),
        host: URL.parse(data?.proxyEndpoint ?? "")?.host ?? "",
      };
    },
  };
}

/**
 * Without the filter ECR describes only active images. A registry that does not know the filter has
 * no archive.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImagesFilter.html
 */
async function withArchived<Answer>(
  request: DescribeImagesRequest,
  describe: (input: DescribeImagesRequest) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await describe({ ...request, filter: { imageStatus: "ANY" } });
  } catch (error) {
    if (!isAwsError(error, "InvalidParameterException", "ValidationException")) throw error;
    return await describe(request);
  }
}

function creationCalls(client: ECRClient, call: Call) {
  return {
    /** With scan on push. undefined: it exists already. */
    async createRepository({
      name,
      tagMutability,
      mutabilityExclusions,
    }: Pick<ObservedRepository, "name" | "tagMutability" | "mutabilityExclusions">): Promise<
      ObservedRepository | undefined
    > {
      const filters = mutabilityExclusions.map((filter) => ({
        filterType: "WILDCARD" as const,
        filter,
      }));
      const command = new CreateRepositoryCommand({
        repositoryName: name,
        imageTagMutability: tagMutability as ImageTagMutability,
        ...definedOnly({
          imageTagMutabilityExclusionFilters: filters.length > 0 ? filters : undefined,
        }),
        imageScanningConfiguration: { scanOnPush: true },
      });
      const created = call("ecr:CreateRepository", async (abortSignal) => {
        const { repository } = await client.send(command, { abortSignal });
        requireMember(repository, "repository");
        return repository;
      });
      const repository = await undefinedOn(created, "RepositoryAlreadyExistsException");
      return repository && toObservedRepository(name, repository);
    },
  };
}

function toObservedRepository(name: string, repository: Repository): ObservedRepository {
  return {
    name,
    uri: repository.repositoryUri ?? "",
    arn: repository.repositoryArn ?? "",
    tagMutability: repository.imageTagMutability ?? "MUTABLE",
    mutabilityExclusions: (repository.imageTagMutabilityExclusionFilters ?? []).map(
      ({ filter }) => filter ?? "",
    ),
  };
}

/** A digest has a colon, a tag has none. */
function imageId(tagOrDigest: string): ImageIdentifier {
  if (tagOrDigest.includes(":")) return { imageDigest: tagOrDigest };
  return { imageTag: tagOrDigest };
}

async function undefinedOn<Answer>(
  answer: Promise<Answer>,
  ...names: readonly string[]
): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAwsError(error, ...names)) return undefined;
    throw error;
  }
}
