// Names and tags of previews, PURE. The tags say which services this action has made: no other
// service is changed or deleted.

export const previewTag = "deploy-ecs:preview";
const repositoryTag = "deploy-ecs:repository";
export const expiresTag = "deploy-ecs:expires";

/** A tag as the ECS API has it. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Which previews belong together. */
export interface PreviewFamily {
  /** The service whose configuration they have. */
  readonly pattern: string;
  /** `OWNER/REPO` */
  readonly repository: string;
}

/** `shop-pr-12` */
export function previewName(pattern: string, pullRequest: number): string {
  return `${pattern}-pr-${pullRequest}`;
}

/** `pr-12`: the environment of its deployments on GitHub. */
export function environmentName(pullRequest: number): string {
  return `pr-${pullRequest}`;
}

export function isPreviewName(pattern: string, service: string): boolean {
  const prefix = `${pattern}-pr-`;
  return service.startsWith(prefix) && /^[1-9]\d*$/.test(service.slice(prefix.length));
}

/** @param expiresAt milliseconds since the Unix epoch */
export function previewTags(family: PreviewFamily, expiresAt: number): readonly Tag[] {
  return [
    { key: previewTag, value: family.pattern },
    { key: repositoryTag, value: family.repository },
    { key: expiresTag, value: new Date(expiresAt).toISOString() },
  ];
}

const dayMilliseconds = 24 * 60 * 60_000;

/** Milliseconds since the Unix epoch. */
export function expiryAfter(now: number, days: number): number {
  return now + days * dayMilliseconds;
}

/**
 * Why a service is not a preview of this family; undefined: it is one. All three tags must match.
 */
export function foreignReason(family: PreviewFamily, tags: readonly Tag[]): string | undefined {
  const wanted: Readonly<Record<string, string>> = {
    [previewTag]: family.pattern,
    [repositoryTag]: family.repository,
  };
  for (const [key, value] of Object.entries(wanted)) {
    const found = tagValue(tags, key);
    if (found === undefined) return `it has no tag ${key}`;
    if (found !== value) return `its tag ${key} is ${found}, not ${value}`;
  }
  if (expiryOf(tags) === undefined) return `it has no tag ${expiresTag} with a time`;
  return undefined;
}

/** It is a preview of the family and its time is over. */
export function isExpired(family: PreviewFamily, tags: readonly Tag[], now: number): boolean {
  const expiresAt = expiryOf(tags);
  return foreignReason(family, tags) === undefined && expiresAt !== undefined && expiresAt <= now;
}

function expiryOf(tags: readonly Tag[]): number | undefined {
  const time = Date.parse(tagValue(tags, expiresTag) ?? "");
  if (Number.isNaN(time)) return undefined;
  return time;
}

function tagValue(tags: readonly Tag[], key: string): string | undefined {
  return tags.find((tag) => tag.key === key)?.value;
}
