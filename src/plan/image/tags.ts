// Tags and the repository's rules for them, PURE: may a tag move? docs/image-tags.md has the whole
// table.

import type { ObservedRepository } from "../../ecs/observed.ts";
import { shellBlock } from "../../text/code-block.ts";
import { matchesWildcard } from "../../text/wildcard.ts";

type TagRules = Pick<ObservedRepository, "tagMutability" | "mutabilityExclusions">;

/**
 * An immutable tag cannot be moved to another image. A tag that matches an exclusion filter has the
 * opposite mutability of its repository.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export function isImmutable(
  { tagMutability, mutabilityExclusions }: TagRules,
  tag: string,
): boolean {
  const excluded = mutabilityExclusions.some((filter) => matchesWildcard(filter, tag));
  if (tagMutability === "IMMUTABLE_WITH_EXCLUSION") return !excluded;
  if (tagMutability === "MUTABLE_WITH_EXCLUSION") return excluded;
  return tagMutability === "IMMUTABLE";
}

/** How to make an immutable tag mutable. */
export function allowTagMoveHint(
  { name, tagMutability, mutabilityExclusions }: ObservedRepository,
  tag: string,
): string {
  const others = mutabilityExclusions.filter((filter) => !matchesWildcard(filter, tag));
  if (tagMutability === "MUTABLE_WITH_EXCLUSION")
    return (
      `Remove the filter that matches "${tag}" from the repository's exclusions ` +
      `(${mutabilityExclusions.join(", ")}).`
    );
  const filters = [...others, tag]
    .map((filter) => `filterType=WILDCARD,filter=${filter}`)
    .join(" ");
  const command = shellBlock(
    "aws ecr put-image-tag-mutability",
    `--repository-name ${name}`,
    "--image-tag-mutability IMMUTABLE_WITH_EXCLUSION",
    `--image-tag-mutability-exclusion-filters ${filters}`,
  );
  return `To make "${tag}" mutable and keep all other tags immutable:\n${command}`;
}
