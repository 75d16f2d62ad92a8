// The repository that `if-repository-missing: create` creates, PURE.

import type { ObservedRepository } from "../../ecs/observed.ts";
import type { Inputs } from "../../inputs/schema.ts";

interface RegistryLocation {
  /** As ECR reports it with its password. */
  readonly host: string;
  /** `arn:aws:ecr:us-east-1:123456789012` */
  readonly arnPrefix: string;
}

/** Immutable tags, except those that move with every image. */
export function repositoryToCreate(
  inputs: Pick<Inputs, "ecrRepository" | "latestTag" | "cacheTo">,
  { host, arnPrefix }: RegistryLocation,
): ObservedRepository {
  const { ecrRepository: name = "", latestTag } = inputs;
  const mutabilityExclusions = [latestTag ?? [], cacheTag(inputs) ?? []].flat();
  return {
    name,
    uri: `${host}/${name}`,
    arn: `${arnPrefix}:repository/${name}`,
    tagMutability: mutabilityExclusions.length > 0 ? "IMMUTABLE_WITH_EXCLUSION" : "IMMUTABLE",
    mutabilityExclusions,
    isMissing: true,
  };
}

/** The tag that `cache-to: registry` writes again with each build. */
function cacheTag({ cacheTo }: Pick<Inputs, "cacheTo">): string | undefined {
  const isOwn = (line: string) =>
    line === "registry" || (/\btype=registry\b/.test(line) && !/\bref=/.test(line));
  if (cacheTo.some(isOwn)) return "buildcache";
  return undefined;
}

/** `immutable tags except latest, scan on push` */
export function describeNewRepository({
  mutabilityExclusions,
}: Pick<ObservedRepository, "mutabilityExclusions">): string {
  const except =
    mutabilityExclusions.length > 0 ? ` except ${mutabilityExclusions.join(" and ")}` : "";
  return `immutable tags${except}, scan on push`;
}
