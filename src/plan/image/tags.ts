// Tags and the repository's rules for them, PURE: may a tag move? docs/image-tags.md has the whole table.

import type { ObservedRepository } from "../../ecs/observed.ts";
import { shellBlock } from "../../text/code-block.ts";
import { matchesWildcard } from "../../text/wildcard.ts";

type TagRules = Pick<ObservedRepository, "tagMutability" | "mutabilityExclusions">;

/**
 * A frozen tag stays on its image once it is there. A tag that fits an exclusion filter behaves the opposite way of its repository.
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

/** How to let a tag move that is frozen. */
export function allowTagMoveHint(
  { name, tagMutability, mutabilityExclusions }: ObservedRepository,
  tag: string,
): string {
  const others = mutabilityExclusions.filter((filter) => !matchesWildcard(filter, tag));
  if (tagMutability === "MUTABLE_WITH_EXCLUSION")
    return `Take the filter that fits "${tag}" out of the repository's exclusions (${mutabilityExclusions.join(", ")}).`;
  const filters = [...others, tag]
    .map((filter) => `filterType=WILDCARD,filter=${filter}`)
    .join(" ");
  const command = shellBlock(
    "aws ecr put-image-tag-mutability",
    `--repository-name ${name}`,
    "--image-tag-mutability IMMUTABLE_WITH_EXCLUSION",
    `--image-tag-mutability-exclusion-filters ${filters}`,
  );
  return `To let "${tag}" move and keep the rest frozen:\n${command}`;
}
