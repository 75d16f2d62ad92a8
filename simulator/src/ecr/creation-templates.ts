// Repository creation templates: with which settings ECR itself creates a repository, and when.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html

import type {
  DescribeRepositoryCreationTemplatesRequest,
  DescribeRepositoryCreationTemplatesResponse,
  RepositoryCreationTemplate,
} from "@aws-sdk/client-ecr";
import { AwsError, type Operation } from "../contract.ts";
import { page } from "./api-input.ts";
import {
  addRepository,
  type CreationTemplate,
  type RegistryState,
  type Repository,
} from "./store.ts";

export function templateOperations(room: RegistryState): Readonly<Record<string, Operation>> {
  return {
    DescribeRepositoryCreationTemplates: (
      input: DescribeRepositoryCreationTemplatesRequest,
    ): DescribeRepositoryCreationTemplatesResponse => {
      const all = [...room.templates.values()];
      const wanted = input.prefixes?.map((prefix) => required(room.templates.get(prefix), prefix));
      const { items, nextToken } = page(wanted ?? all, input);
      return {
        registryId: room.accountId,
        repositoryCreationTemplates: items.map(describe),
        nextToken,
      };
    },
  };
}

function describe({ prefix, appliedFor, tagRule }: CreationTemplate): RepositoryCreationTemplate {
  const { setting, filters } = tagRule;
  return {
    prefix,
    appliedFor: [...appliedFor],
    imageTagMutability: setting,
    ...(filters.length > 0 && { imageTagMutabilityExclusionFilters: [...filters] }),
  };
}

function required(template: CreationTemplate | undefined, prefix: string): CreationTemplate {
  if (template) return template;
  throw new AwsError(
    "TemplateNotFoundException",
    `The repository creation template with prefix '${prefix}' does not exist`,
  );
}

/** The repository that a push creates, if a template says so. */
export function createOnPush(room: RegistryState, name: string): Repository | undefined {
  const template = templateOf(room, name);
  if (!template?.appliedFor.includes("CREATE_ON_PUSH")) return undefined;
  return addRepository(room, name, template.tagRule, false);
}

export function isCreatedOnPush(room: RegistryState, name: string): boolean {
  return templateOf(room, name)?.appliedFor.includes("CREATE_ON_PUSH") ?? false;
}

/**
 * There is always a slash at the end of a prefix. The longest one counts; `ROOT` where none
 * matches.
 */
function templateOf(room: RegistryState, name: string): CreationTemplate | undefined {
  const [longest] = [...room.templates.values()]
    .filter(({ prefix }) => name.startsWith(`${prefix}/`))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  return longest ?? room.templates.get("ROOT");
}
