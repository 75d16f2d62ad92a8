// The operations on repositories, and the password for the registry.

import type {
  Repository as ApiRepository,
  CreateRepositoryRequest,
  CreateRepositoryResponse,
  DescribeRepositoriesRequest,
  DescribeRepositoriesResponse,
  GetAuthorizationTokenRequest,
  GetAuthorizationTokenResponse,
  PutImageTagMutabilityRequest,
  PutImageTagMutabilityResponse,
} from "@aws-sdk/client-ecr";
import { AwsError, type CallContext, type Operation } from "../contract.ts";
import { type AccountRegion, registryHostOf } from "../iam/partitions.ts";
import {
  findRepository,
  invalidParameter,
  page,
  registryHost,
  requireRepositoryName,
} from "./api-input.ts";
import { readTagRule, type TagRule } from "./mutability.ts";
import { addRepository, type RegistryState, type Repository, repositoryArn } from "./store.ts";

export function repositoryOperations(room: RegistryState): Readonly<Record<string, Operation>> {
  return {
    GetAuthorizationToken: (input: GetAuthorizationTokenRequest, context) =>
      getAuthorizationToken(room, input, context),
    CreateRepository: (input: CreateRepositoryRequest, context) =>
      createRepository(room, input, context),
    DescribeRepositories: (input: DescribeRepositoriesRequest, context) =>
      describeRepositories(room, input, context),
    PutImageTagMutability: (input: PutImageTagMutabilityRequest) =>
      putImageTagMutability(room, input),
  };
}

function getAuthorizationToken(
  room: RegistryState,
  { registryIds = [room.accountId] }: GetAuthorizationTokenRequest,
  context: CallContext,
): GetAuthorizationTokenResponse {
  if (
    registryIds.length < 1 ||
    registryIds.length > 10 ||
    !registryIds.every((id) => /^\d{12}$/.test(id))
  )
    throw invalidParameter(
      "registryIds",
      "must have 1 to 10 members that satisfy regular expression '[0-9]{12}'",
    );
  const token = room.tokens.issue(context.principal);
  const host = registryHost(room, context);
  return {
    authorizationData: registryIds.map((id) => ({
      authorizationToken: Buffer.from(`AWS:${token.password}`).toString("base64"),
      expiresAt: new Date(token.expiresAt),
      proxyEndpoint: endpointOf(
        { ...room, accountId: id },
        host.replace(`${room.accountId}.`, `${id}.`),
      ),
    })),
  };
}

/**
 * AWS always returns https; on this machine the registry uses plain HTTP, and a client that uses
 * the endpoint unchanged must reach it.
 */
function endpointOf(place: AccountRegion, host: string): string {
  return `${host === registryHostOf(place) ? "https" : "http"}://${host}`;
}

function createRepository(
  room: RegistryState,
  input: CreateRepositoryRequest,
  context: CallContext,
): CreateRepositoryResponse {
  const name = requireRepositoryName(input.repositoryName);
  const rule = requireTagRule(input.imageTagMutability, input.imageTagMutabilityExclusionFilters);
  if (room.repositories.has(name)) {
    throw new AwsError(
      "RepositoryAlreadyExistsException",
      `The repository with name '${name}' already exists in the registry with id ` +
        `'${room.accountId}'`,
    );
  }
  const scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
  return { repository: describe(room, addRepository(room, name, rule, scanOnPush), context) };
}

function describeRepositories(
  room: RegistryState,
  input: DescribeRepositoriesRequest,
  context: CallContext,
): DescribeRepositoriesResponse {
  const { registryId, repositoryNames } = input;
  const requested = repositoryNames?.map((repositoryName) =>
    findRepository(room, { repositoryName, registryId }),
  );
  const known = [...room.repositories.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = page(requested ?? known, input);
  return {
    repositories: items.map((repository) => describe(room, repository, context)),
    nextToken,
  };
}

function putImageTagMutability(
  room: RegistryState,
  input: PutImageTagMutabilityRequest,
): PutImageTagMutabilityResponse {
  const repository = findRepository(room, input);
  repository.tagRule = requireTagRule(
    input.imageTagMutability,
    input.imageTagMutabilityExclusionFilters,
  );
  return { registryId: room.accountId, repositoryName: repository.name, ...mutability(repository) };
}

function requireTagRule(...setting: Parameters<typeof readTagRule>): TagRule {
  const rule = readTagRule(...setting);
  if ("problem" in rule) throw new AwsError("InvalidParameterException", rule.problem);
  return rule;
}

function describe(
  room: RegistryState,
  repository: Repository,
  context: CallContext,
): ApiRepository {
  return {
    repositoryArn: repositoryArn(room, repository.name),
    registryId: room.accountId,
    repositoryName: repository.name,
    repositoryUri: `${registryHost(room, context)}/${repository.name}`,
    createdAt: new Date(repository.createdAt),
    ...mutability(repository),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: { encryptionType: "AES256" },
  };
}

function mutability(
  repository: Repository,
): Pick<ApiRepository, "imageTagMutability" | "imageTagMutabilityExclusionFilters"> {
  const { setting, filters } = repository.tagRule;
  return {
    imageTagMutability: setting,
    ...(filters.length > 0 && { imageTagMutabilityExclusionFilters: [...filters] }),
  };
}
