// Which commit and inputs the image under a tag was built from, by its labels, and what that means
// for this run, PURE. docs/image-tags.md has the whole table.

import type { BuildLabels, Lookup, ObservedRepository } from "../../ecs/observed.ts";
import { DeployError } from "../../errors.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { notice, type PlanFinding, warning } from "../findings.ts";
import { buildInputsLabel, differingInputs, revisionLabel } from "./build-inputs.ts";
import { allowTagMoveHint, isImmutable } from "./tags.ts";

export type ImageOrigin =
  /** Of this commit, built from the same inputs. */
  | { readonly kind: "ours" }
  | { readonly kind: "other-commit"; readonly revision: string }
  /** Built from other inputs; which ones, where that is known. */
  | { readonly kind: "other-inputs"; readonly inputs: readonly string[] }
  | { readonly kind: "unknown"; readonly why: string };

/** `found` undefined: the labels were not read. */
export function originOf(found: Lookup<BuildLabels> | undefined, wanted: BuildLabels): ImageOrigin {
  if (!found) return { kind: "unknown", why: "its labels were not read" };
  if ("error" in found)
    return { kind: "unknown", why: `its labels could not be read. ${found.error}` };
  const { revision, buildInputs } = found.value;
  if (
    revision !== undefined &&
    wanted.revision !== undefined &&
    !isSameCommit(revision, wanted.revision)
  )
    return { kind: "other-commit", revision };
  if (
    buildInputs !== undefined &&
    wanted.buildInputs !== undefined &&
    buildInputs !== wanted.buildInputs
  )
    return { kind: "other-inputs", inputs: differingInputs(buildInputs, wanted.buildInputs) };
  if (wanted.revision === undefined)
    return { kind: "unknown", why: "this run has no GITHUB_SHA to compare it with" };
  const missing = [
    ...(revision === undefined ? [revisionLabel] : []),
    ...(buildInputs === undefined ? [buildInputsLabel] : []),
  ];
  if (missing.length === 0) return { kind: "ours" };
  return { kind: "unknown", why: `it has no label ${missing.join(" and no label ")}` };
}

/** Some tools write the short form. */
export function isSameCommit(one: string, other: string): boolean {
  const [short = "", long = ""] = [one.toLowerCase(), other.toLowerCase()].toSorted(
    (a, b) => a.length - b.length,
  );
  return short === long || (/^[0-9a-f]{7,}$/.test(short) && long.startsWith(short));
}

/** Continues the sentence `staging names an image that`. */
export function describeOrigin(origin: ImageOrigin, { revision = "unknown" }: BuildLabels): string {
  switch (origin.kind) {
    case "ours":
      return "was built from this commit";
    case "other-commit":
      return `was built from commit ${origin.revision}, and this run deploys commit ${revision}`;
    case "other-inputs":
      return `was built with other ${origin.inputs.join(", ") || "build inputs"}`;
    case "unknown":
      return `is of unknown origin: ${origin.why}`;
  }
}

export interface ExistingImage {
  readonly repository: ObservedRepository;
  readonly tag: string;
  readonly digest: string;
  readonly origin: ImageOrigin;
  readonly expectedLabels: BuildLabels;
  readonly ifImageExists: Inputs["ifImageExists"];
  /** GITHUB_SHA. */
  readonly commit: string;
  /** What has been done so far: `Nothing was built.` */
  readonly progressHint: string;
}

interface ReuseDecision {
  readonly reuse: boolean;
  /** Why the image is rebuilt. */
  readonly why?: string;
  readonly findings: readonly PlanFinding[];
}

/**
 * What to do with the image that the deployed tag names already.
 * @throws DeployError `ImageExists`
 */
export function decideOnExisting(existing: ExistingImage): ReuseDecision {
  const { ifImageExists } = existing;
  if (ifImageExists === "fail") throw imageExistsError(existing);
  if (ifImageExists === "reuse") return { reuse: true, findings: warnOfDifferentImage(existing) };
  if (ifImageExists === "rebuild") return decideOnRebuild(existing);
  return decideByOrigin(existing);
}

/**
 * What to do with an image that another run pushed under the immutable tag while this run built its
 * own. The tag alone never proves that the image is the same, unlike for an image that was there
 * before: another run may use a tag like `v1` too.
 * @param mayBeOwnPush an earlier attempt of this push may have stored it, although its answer was
 * lost
 * @throws DeployError `ImageExists`
 */
export function decideOnConflict(existing: ExistingImage, mayBeOwnPush: boolean): ReuseDecision {
  const { ifImageExists, origin } = existing;
  if (ifImageExists === "fail" && !mayBeOwnPush) throw imageExistsError(existing);
  if (origin.kind === "ours") return { reuse: true, findings: [] };
  const choosesReuse = ifImageExists === "auto" || ifImageExists === "reuse";
  if (origin.kind === "unknown" && choosesReuse && containsCommit(existing))
    return { reuse: true, findings: [noteUnknownOrigin(existing, false)] };
  throw immutableTagError(existing);
}

function decideOnRebuild(existing: ExistingImage): ReuseDecision {
  if (isImmutable(existing.repository, existing.tag)) throw immutableTagError(existing);
  return { reuse: false, findings: [] };
}

function decideByOrigin(existing: ExistingImage): ReuseDecision {
  const { repository, tag, origin, expectedLabels } = existing;
  if (origin.kind === "ours") return { reuse: true, findings: [] };
  const immutable = isImmutable(repository, tag);
  if (origin.kind === "unknown" && (immutable || containsCommit(existing)))
    return { reuse: true, findings: [noteUnknownOrigin(existing, immutable)] };
  if (immutable) throw immutableTagError(existing);
  const why =
    `The tag "${tag}" of ${repository.name} names an image that ` +
    `${describeOrigin(origin, expectedLabels)}: the image is built, and the tag is moved to it.`;
  return { reuse: false, why, findings: [] };
}

/** Why an image is reused or built, for the debug log. */
export function explainImage(
  image: Pick<ExistingImage, "repository" | "tag" | "ifImageExists" | "expectedLabels">,
  found: ExistingImage | undefined,
  reuse: boolean,
): string {
  const { repository, tag, ifImageExists, expectedLabels } = image;
  const expected = [
    `${revisionLabel}=${expectedLabels.revision ?? "unknown"}`,
    `${buildInputsLabel}=${expectedLabels.buildInputs ?? "unknown"}`,
  ].join(", ");
  if (!found) return `image ${repository.name}:${tag} does not exist → build with ${expected}`;
  const facts = [
    `image ${repository.name}:${tag} is ${found.digest} and ` +
      `${describeOrigin(found.origin, expectedLabels)}`,
    `expected labels: ${expected}`,
    `tag ${isImmutable(repository, tag) ? "immutable" : "mutable"}`,
    `if-image-exists=${ifImageExists}`,
  ];
  return `${facts.join("; ")} → ${reuse ? "reuse" : "build"}`;
}

/** A tag with the whole sha names the commit; a part of a sha may mean anything. */
function containsCommit({ tag, commit }: Pick<ExistingImage, "tag" | "commit">): boolean {
  return commit.length >= 40 && tag.includes(commit);
}

function noteUnknownOrigin(
  { repository, tag, origin, expectedLabels }: ExistingImage,
  immutable: boolean,
): PlanFinding {
  const because = immutable ? "the tag is immutable" : "the tag holds the commit's sha";
  return notice(
    `${repository.name}:${tag} is reused because ${because}, but it ` +
      `${describeOrigin(origin, expectedLabels)}.`,
  );
}

/** An explicit `reuse` is obeyed, with a warning that the image is a different one. */
function warnOfDifferentImage(existing: ExistingImage): readonly PlanFinding[] {
  const { repository, tag, origin, expectedLabels } = existing;
  if (!isDifferentImage(origin)) return [];
  return [
    warning(
      `if-image-exists is "reuse": ${repository.name}:${tag} is deployed although it ` +
        `${describeOrigin(origin, expectedLabels)}. It gets no additional tag.`,
    ),
  ];
}

function isDifferentImage({ kind }: ImageOrigin): boolean {
  return kind === "other-commit" || kind === "other-inputs";
}

/**
 * Whether an additional tag may name the reused image: a tag with the commit's sha must name only
 * that commit's image.
 */
export function canAlsoTag(existing: ExistingImage, additionalTag: string): boolean {
  const { origin, commit } = existing;
  if (isDifferentImage(origin)) return false;
  return (
    origin.kind === "ours" ||
    containsCommit(existing) ||
    !containsCommit({ tag: additionalTag, commit })
  );
}

function imageExistsError({ repository, tag, digest, progressHint }: ExistingImage): DeployError {
  return new DeployError({
    code: "ImageExists",
    message:
      `${repository.name} has an image under the tag ${tag} already (${digest}), and ` +
      'if-image-exists is "fail".',
    hint:
      `${progressHint} Set another image-tag, or deploy the existing image with ` +
      "`if-image-exists: reuse`.",
  });
}

function immutableTagError(existing: ExistingImage): DeployError {
  const { repository, tag, origin, expectedLabels, ifImageExists, progressHint } = existing;
  const reason =
    ifImageExists === "rebuild" && !isDifferentImage(origin)
      ? 'if-image-exists is "rebuild", but the tag cannot be built again under this name'
      : `that image ${describeOrigin(origin, expectedLabels)}`;
  return new DeployError({
    code: "ImageExists",
    message: `${repository.name} has an image under the immutable tag "${tag}" already: ${reason}.`,
    // A tag that names one commit should stay immutable.
    hint: [
      progressHint,
      otherTagHint(existing),
      containsCommit(existing) ? "" : allowTagMoveHint(repository, tag),
    ]
      .filter(Boolean)
      .join(" "),
  });
}

function otherTagHint({ origin }: ExistingImage): string {
  const orReuse = "To deploy the existing image: `if-image-exists: reuse`.";
  if (origin.kind === "other-inputs")
    return (
      "Give each build variant its own tag, for example `image-tag: ${{ github.sha " +
      `}}-production\`. ${orReuse}`
    );
  return `Set another image-tag; the default is the commit's sha, one tag for each commit. ${orReuse}`;
}
