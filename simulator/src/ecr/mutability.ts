// Whether a tag may move; for both the API and the registry.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html

import type { ImageTagMutability, ImageTagMutabilityExclusionFilter } from "@aws-sdk/client-ecr";

export interface TagRule {
  readonly setting: ImageTagMutability;
  readonly filters: readonly ImageTagMutabilityExclusionFilter[];
}

const mutableRule: TagRule = { setting: "MUTABLE", filters: [] };

/**
 * An immutable tag cannot move to another image. A tag that matches an exclusion filter has the
 * opposite mutability of its repository.
 */
export function isImmutable(rule: TagRule, tag: string): boolean {
  const excluded = rule.filters.some((filter) => matches(filter.filter ?? "", tag));
  switch (rule.setting) {
    case "MUTABLE":
      return false;
    case "IMMUTABLE":
      return true;
    case "MUTABLE_WITH_EXCLUSION":
      return excluded;
    case "IMMUTABLE_WITH_EXCLUSION":
      return !excluded;
  }
}

/** `*` matches any number of characters, including none; the whole tag must match. */
export function matches(filter: string, tag: string): boolean {
  const pattern = filter
    .split("*")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\-]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(tag);
}

const mutabilitySettings: readonly string[] = [
  "MUTABLE",
  "IMMUTABLE",
  "MUTABLE_WITH_EXCLUSION",
  "IMMUTABLE_WITH_EXCLUSION",
];

/**
 * The rule of a request, or what is wrong with it. Limits (1 to 5 filters, 128 characters of
 * [0-9a-zA-Z._*-]):
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html; at most
 * two `*` in a filter: user guide.
 */
export function readTagRule(
  setting: string | undefined,
  filters: readonly ImageTagMutabilityExclusionFilter[] | undefined,
): TagRule | { readonly problem: string } {
  if (setting === undefined && filters === undefined) return mutableRule;
  if (setting === undefined || !mutabilitySettings.includes(setting)) {
    return {
      problem:
        "Invalid parameter at 'imageTagMutability' failed to satisfy constraint: 'must be one of " +
        `${mutabilitySettings.join(", ")}'`,
    };
  }
  const excluding = setting.endsWith("_WITH_EXCLUSION");
  const count = filters?.length ?? 0;
  if (excluding && (count < 1 || count > 5)) return problem(`${setting} needs 1 to 5 filters`);
  if (!excluding && count > 0) return problem(`${setting} takes no filters`);
  for (const { filterType, filter } of filters ?? []) {
    if (filterType !== "WILDCARD") return problem("filterType must be WILDCARD");
    if (!/^[0-9a-zA-Z._*-]{1,128}$/.test(filter ?? ""))
      return problem("filter must satisfy regular expression '^[0-9a-zA-Z._*-]{1,128}$'");
    if ((filter ?? "").split("*").length > 3) return problem("filter has at most two wildcards");
  }
  return { setting: setting as ImageTagMutability, filters: filters ?? [] };
}

function problem(constraint: string): { readonly problem: string } {
  return {
    problem:
      "Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint: " +
      `'${constraint}'`,
  };
}
