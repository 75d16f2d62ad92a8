// What is built, PURE: the inputs, with defaults from commit and repository. Contains no secrets,
// only their names.

import type { BuildLabels, ObservedCommit, ObservedRepository } from "../../ecs/observed.ts";
import { DeployError, type DeployErrorDetails } from "../../errors.ts";
import { dockerfilePath } from "../../inputs/read.ts";
import type { Inputs } from "../../inputs/schema.ts";
import {
  buildInputsLabel,
  commitTimeLabel,
  createdLabel,
  fingerprintBuildInputs,
  formatCommitTime,
  labelValue,
  revisionLabel,
} from "./build-inputs.ts";
import { allowTagMoveHint, isImmutable } from "./tags.ts";

export interface BuildPlan {
  readonly context: string;
  readonly dockerfile: string;
  readonly target?: string | undefined;
  /** Empty: the builder's own. */
  readonly platforms: readonly string[];
  readonly buildArguments: readonly string[];
  readonly buildContexts: readonly string[];
  readonly secretIds: readonly string[];
  readonly ssh: readonly string[];
  readonly labels: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly provenance: string;
  readonly sbom: string;
  /**
   * `buildx`, `docker`, `buildah` or the name of a buildx builder; absent: the first that works.
   */
  readonly builder?: string | undefined;
  /** The commit's time in seconds, for `created`; absent where it is unknown. */
  readonly epoch?: number | undefined;
  /** Layers get the commit's time, too. */
  readonly layersAtEpoch: boolean;
}

interface BuildContext {
  readonly repository: ObservedRepository;
  readonly commit: ObservedCommit;
  readonly tag: string;
  readonly taskPlatforms: readonly string[];
}

/** The build labels of an image that this run builds: an existing image is recognized by them. */
export function expectedLabels(
  inputs: Inputs,
  { commit, taskPlatforms }: Pick<BuildContext, "commit" | "taskPlatforms">,
): BuildLabels {
  const revision = labelValue(inputs.labels, revisionLabel) ?? commit.sha;
  return {
    buildInputs: fingerprintBuildInputs(inputs, {
      commit,
      platforms: platformsFor(inputs, taskPlatforms),
    }),
    revision: revision || undefined,
  };
}

function platformsFor({ platforms }: Inputs, taskPlatforms: readonly string[]): readonly string[] {
  if (platforms.length > 0) return platforms;
  return taskPlatforms;
}

/** @throws DeployError `InvalidInput` when the cache would be written to an immutable tag */
export function planBuild(inputs: Inputs, context: BuildContext): BuildPlan {
  const { repository, commit, tag, taskPlatforms } = context;
  const cacheTo = inputs.cacheTo.map((line) => expandCache(line, repository, "to"));
  const problem = cacheTo.map((line) => immutableCacheProblem(line, repository)).find(Boolean);
  if (problem) throw new DeployError(problem);
  const ownEpoch = inputs.buildArgs.find((line) => line.startsWith(epochArgument));
  const epoch = ownEpoch === undefined ? commit.time : Number(ownEpoch.slice(epochArgument.length));
  return {
    context: inputs.context,
    dockerfile: dockerfilePath(inputs),
    target: inputs.target,
    platforms: platformsFor(inputs, taskPlatforms),
    buildArguments: inputs.buildArgs.filter((line) => line !== ownEpoch),
    buildContexts: inputs.buildContexts,
    secretIds: inputs.buildSecrets.map(({ id }) => id),
    ssh: inputs.ssh,
    labels: [
      ...defaultLabels(commit, tag, inputs.labels),
      ...inputs.labels,
      `${buildInputsLabel}=${expectedLabels(inputs, context).buildInputs}`,
    ],
    cacheFrom: inputs.cacheFrom.map((line) => expandCache(line, repository, "from")),
    cacheTo,
    noCache: inputs.noCache,
    pull: inputs.pull,
    provenance: inputs.provenance,
    sbom: inputs.sbom,
    builder: inputs.builder,
    epoch: epoch !== undefined && Number.isInteger(epoch) ? epoch : undefined,
    // Layers from a cache keep their bytes, or the next commit would have to push all of them again
    // (docs/build.md).
    layersAtEpoch: ownEpoch !== undefined || inputs.noCache,
  };
}

const epochArgument = "SOURCE_DATE_EPOCH=";

/** https://github.com/opencontainers/image-spec/blob/main/annotations.md */
function defaultLabels(
  commit: ObservedCommit,
  tag: string,
  given: readonly string[],
): readonly string[] {
  const time = commit.time === undefined ? "" : formatCommitTime(commit.time);
  const hasOwnCreated = labelValue(given, createdLabel) !== undefined;
  const values = {
    [revisionLabel]: commit.sha,
    "org.opencontainers.image.source": commit.source ?? "",
    [createdLabel]: time,
    "org.opencontainers.image.version": tag,
    [commitTimeLabel]: hasOwnCreated ? time : "",
  };
  return Object.entries(values)
    .filter(([name, value]) => value !== "" && labelValue(given, name) === undefined)
    .map(([name, value]) => `${name}=${value}`);
}

/**
 * `registry` alone is a tag of our repository; ECR accepts a cache only as an image manifest
 * (BuildKit's default since 0.21).
 * https://aws.amazon.com/blogs/containers/announcing-remote-cache-support-in-amazon-ecr-for-buildkit-clients/
 */
function expandCache(
  line: string,
  repository: ObservedRepository,
  direction: "from" | "to",
): string {
  const given = line === "registry" ? ["type=registry"] : line.split(",");
  if (!given.includes("type=registry")) return line;
  const has = (name: string) => given.some((attribute) => attribute.startsWith(`${name}=`));
  const added = has("ref") ? [] : [`ref=${repository.uri}:buildcache`];
  if (direction === "to") {
    if (!has("mode") && line === "registry") added.push("mode=max");
    if (!has("image-manifest")) added.push("image-manifest=true");
    if (!has("oci-mediatypes")) added.push("oci-mediatypes=true");
  }
  return [...given, ...added].join(",");
}

function immutableCacheProblem(
  line: string,
  repository: ObservedRepository,
): DeployErrorDetails | undefined {
  const reference = line.match(/(?:^|,)ref=([^,]+)/)?.[1] ?? (line.includes("=") ? "" : line);
  if (!reference.startsWith(`${repository.uri}:`)) return undefined;
  const tag = reference.slice(repository.uri.length + 1);
  if (!isImmutable(repository, tag)) return undefined;
  return {
    code: "InvalidInput",
    message:
      `cache-to: the tag "${tag}" of ${repository.name} is immutable: the first build could ` +
      "write the cache, but no later build could update it.",
    hint:
      `Nothing was built. ${allowTagMoveHint(repository, tag)}\nOr use another repository for ` +
      "the cache.",
  };
}
