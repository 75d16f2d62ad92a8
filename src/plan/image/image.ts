// Which image is deployed and where it comes from, PURE: reused, built, or an existing one; and
// which tags name it. docs/image-tags.md.

import type {
  BuildLabels,
  ObservedCommit,
  ObservedImage,
  ObservedRepository,
} from "../../ecs/observed.ts";
import { DeployError } from "../../errors.ts";
import type { Inputs } from "../../inputs/schema.ts";
import type { PlanFinding } from "../findings.ts";
import { reasonToReplaceArchived } from "./archived-image.ts";
import { type BuildPlan, expectedLabels, planBuild } from "./build.ts";
import {
  canAlsoTag,
  decideOnExisting,
  type ExistingImage,
  explainImage,
  originOf,
} from "./image-origin.ts";
import { allowTagMoveHint, isImmutable } from "./tags.ts";

export type ImagePlan = RepositoryImagePlan | ExternalImagePlan;

interface BaseImagePlan {
  /** With its tag; `deployedReference` is how the task definition names it. */
  readonly reference: string;
  readonly tag: string;
  readonly pinDigest: boolean;
  /** The platforms on which the tasks run: the image must support all of them. */
  readonly taskPlatforms: readonly string[];
}

/** An image of our repository: one that exists, or one that is built now. */
export interface RepositoryImagePlan extends BaseImagePlan {
  readonly from: "repository";
  readonly repository: ObservedRepository;
  /** The image to reuse; absent: it is built. */
  readonly existing: ObservedImage | undefined;
  readonly build: BuildPlan | undefined;
  /** Additional tags of the same image. */
  readonly additionalTags: readonly string[];
  readonly latest: LatestPlan | undefined;
  /** GITHUB_SHA. */
  readonly commit: string;
  /** The labels of an image that this run builds. */
  readonly expectedLabels: BuildLabels;
  readonly ifImageExists: Inputs["ifImageExists"];
  /** Why it is reused or built, for the debug log. */
  readonly decision: string;
  /** Why the image is rebuilt although the tag exists. */
  readonly why: string | undefined;
  /** Notices and warnings about the reused image. */
  readonly findings: readonly PlanFinding[];
}

interface LatestPlan {
  readonly tag: string;
  /** `never`: it is immutable in the repository. */
  readonly when: "pushed" | "succeeded" | "never";
  /** How to make it mutable. */
  readonly remedy?: string;
}

/** An image that another job or user built and pushed, in any registry. */
export interface ExternalImagePlan extends BaseImagePlan {
  readonly from: "elsewhere";
  readonly existing: ObservedImage;
  /** `container=reference` lines, the first included; []: all chosen containers get the image. */
  readonly byContainer: readonly ContainerImage[];
}

/** The image that one container gets. */
export interface ContainerImage {
  readonly container: string;
  /** As the task definition names it. */
  readonly reference: string;
  readonly digest: string;
}

interface ImageView {
  readonly commit: ObservedCommit;
  readonly repository: ObservedRepository | undefined;
  /** The images that the tags name now. */
  readonly tags: Readonly<Record<string, ObservedImage | undefined>>;
  readonly taskPlatforms: readonly string[];
}

/**
 * The tags that identify this image permanently; the first one is deployed.
 * @throws DeployError `InvalidInput` outside of a workflow run, where there is no commit to name it
 * after
 */
export function chooseTags(
  { imageTag }: Pick<Inputs, "imageTag">,
  commit: string,
): readonly [string, ...string[]] {
  const [first = commit, ...others] = imageTag;
  if (first !== "") return [first, ...others];
  throw new DeployError({
    code: "InvalidInput",
    message:
      "Input image-tag: not given, and GITHUB_SHA, whose commit would be the tag, is not set.",
    hint: "Nothing was built or changed. Give `image-tag`.",
  });
}

/**
 * An image of `ecr-repository`.
 * @throws DeployError when it cannot work, before anything is built
 */
export function planImage(inputs: Inputs, view: ImageView): RepositoryImagePlan {
  const { repository, commit, taskPlatforms } = view;
  if (!repository)
    throw new DeployError({ code: "Bug", message: "The repository was not looked up." });
  const [tag, ...others] = chooseTags(inputs, commit.sha);
  const wanted = expectedLabels(inputs, { commit, taskPlatforms });
  const current = view.tags[tag];
  const replaced = current && reasonToReplaceArchived(inputs, repository, tag, current);
  const usable = replaced === undefined ? current : undefined;
  const found = usable && existingImage(inputs, { repository, tag, found: usable, wanted, commit });
  const { reuse, why, findings } = found
    ? decideOnExisting(found)
    : { reuse: false, why: replaced, findings: [] };
  const reused = reuse ? found : undefined;
  const canTag = (further: string) => reused === undefined || canAlsoTag(reused, further);
  const moreTags = others.filter(canTag);
  assertTagsAvailable(repository, moreTags, reused, view.tags);
  const latest = planLatest(inputs, repository, [tag, ...others]);
  return {
    from: "repository",
    repository,
    tag,
    reference: `${repository.uri}:${tag}`,
    pinDigest: inputs.pinDigest,
    taskPlatforms,
    additionalTags: moreTags,
    commit: commit.sha,
    expectedLabels: wanted,
    ifImageExists: inputs.ifImageExists,
    findings,
    decision: explainImage(
      { repository, tag, ifImageExists: inputs.ifImageExists, expectedLabels: wanted },
      found,
      reuse,
    ),
    why,
    latest: latest && canTag(latest.tag) ? latest : undefined,
    existing: reused && { digest: reused.digest },
    build: reused ? undefined : planBuild(inputs, { repository, commit, tag, taskPlatforms }),
  };
}

function existingImage(
  { ifImageExists }: Inputs,
  facts: {
    readonly repository: ObservedRepository;
    readonly tag: string;
    readonly found: ObservedImage;
    readonly wanted: BuildLabels;
    readonly commit: ObservedCommit;
  },
): ExistingImage {
  const { repository, tag, found, wanted, commit } = facts;
  return {
    repository,
    tag,
    digest: found.digest,
    origin: originOf(found.labels, wanted),
    expectedLabels: wanted,
    ifImageExists,
    commit: commit.sha,
    progressHint: "Nothing was built.",
  };
}

/**
 * Whether the tasks may run a different image under the same reference, so that comparing task
 * definitions shows nothing. Other repositories may have other rules: their tags count as mutable.
 */
export function isMutable(
  inputs: Pick<Inputs, "image" | "pinDigest">,
  repository: ObservedRepository | undefined,
  tag: string,
) {
  const isPinned = inputs.image?.every(({ reference }) => reference.includes("@"));
  if (inputs.pinDigest || isPinned) return false;
  return inputs.image !== undefined || !repository || !isImmutable(repository, tag);
}

/** How the task definition names the image. */
export function deployedReference(
  { reference, pinDigest }: Pick<BaseImagePlan, "reference" | "pinDigest">,
  digest: string | undefined,
): string {
  if (pinDigest && digest !== undefined && !reference.includes("@"))
    return `${reference}@${digest}`;
  return reference;
}

/** On another CPU architecture every task would fail with `exec format error`. */
export function platformMismatch(
  reference: string,
  missing: readonly string[],
  offered: readonly string[],
): DeployError {
  return new DeployError({
    code: "PlatformMismatch",
    message:
      `The tasks run on ${missing.join(" and ")}, but ${reference} is built for ` +
      `${offered.join(", ") || "no platform"} only.`,
    hint:
      "Nothing was registered and the service was not changed. Build for that platform " +
      `(\`platforms: ${missing.join(",")}\`, under another tag), or change the task definition's ` +
      "runtimePlatform.",
  });
}

/** ECR would refuse to move an immutable tag after the build; reporting it here saves the build. */
function assertTagsAvailable(
  repository: ObservedRepository,
  moreTags: readonly string[],
  existing: Pick<ObservedImage, "digest"> | undefined,
  tags: ImageView["tags"],
): void {
  const taken = moreTags.filter((tag) => {
    const named = tags[tag];
    return named !== undefined && named.digest !== existing?.digest && isImmutable(repository, tag);
  });
  if (taken.length === 0) return;
  const quotedTags = taken.map((tag) => `"${tag}"`).join(", ");
  throw new DeployError({
    code: "ImageExists",
    message: `${repository.name} has immutable tags, and another image under ${quotedTags}.`,
    hint:
      `Nothing was built. Remove ${taken.length === 1 ? "it" : "them"} from image-tag, or use ` +
      `new ones. ${allowTagMoveHint(repository, taken[0] ?? "")}`,
  });
}

function planLatest(
  { latestTag, latestWhen }: Inputs,
  repository: ObservedRepository,
  others: readonly string[],
): LatestPlan | undefined {
  if (latestTag === undefined || others.includes(latestTag)) return undefined;
  if (!isImmutable(repository, latestTag)) return { tag: latestTag, when: latestWhen };
  return { tag: latestTag, when: "never", remedy: allowTagMoveHint(repository, latestTag) };
}

/**
 * The parts of an image reference.
 *
 *   redis                                   repository redis
 *   redis:7                                 repository redis, tag 7
 *   127.0.0.1:5000/team/app                 repository 127.0.0.1:5000/team/app
 *   127.0.0.1:5000/team/app:v1@sha256:…     the same, tag v1, digest sha256:…
 */
interface ImageReference {
  /** With the registry's host, if the reference names one. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export function parseImageReference(reference: string): ImageReference {
  const [named = "", digest] = reference.split("@", 2);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  return {
    repository: hasTag ? named.slice(0, colon) : named,
    tag: hasTag ? named.slice(colon + 1) : undefined,
    digest,
  };
}

/** Whether a container's image comes from a repository (`host/name`). */
export function isFromRepository(image: string, repositoryUri: string): boolean {
  return parseImageReference(image).repository === repositoryUri;
}
