// Whether a service runs a newer commit than this run deploys, PURE. docs/image-tags.md#an-older-commit

import type { BuildLabels } from "../../ecs/observed.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { blockingFinding, type PlanFinding, warning } from "../findings.ts";
import type { Observed } from "../observed.ts";
import type { Draft } from "../task-definition/draft.ts";
import { imageOf } from "../task-definition/revision.ts";
import { formatCommitTime } from "./build-inputs.ts";
import { chooseTags, type ImagePlan, isFromRepository, parseImageReference } from "./image.ts";
import { isSameCommit } from "./image-origin.ts";
import { isImmutable } from "./tags.ts";

/** A service, the revision that it runs, and the container that gets this run's image. */
export type RunningDraft = Pick<Draft, "service" | "running" | "containers">;

type RunningView = Pick<Observed, "commit" | "repository" | "runningImages">;

/**
 * The image of `ecr-repository` that a service runs, as text to read its labels by; `mutable tag`:
 * the service's revision must be read first, because the tag may have moved. undefined: it is the
 * image that this run deploys, or there is nothing to compare.
 */
export function runningReference(
  inputs: Inputs,
  { commit, repository, runningImages }: RunningView,
  { service, running, containers: [container = ""] }: RunningDraft,
): string | "mutable tag" | undefined {
  if (!repository || commit.sha === "" || commit.time === undefined) return undefined;
  const image = imageOf(running.definition, container) ?? "";
  if (!isFromRepository(image, repository.uri)) return undefined;
  const { tag = "latest", digest: pinned } = parseImageReference(image);
  const [deployedTag] = chooseTags(inputs, commit.sha);
  const immutable = isImmutable(repository, tag);
  if (pinned === undefined && immutable && tag === deployedTag) return undefined;
  const lookup = runningImages[service.arn];
  const resolved = lookup && "value" in lookup ? lookup.value : [];
  const digest =
    pinned ?? resolved.find(({ containerName }) => containerName === container)?.digest;
  if (digest !== undefined) return `${repository.uri}@${digest}`;
  if (immutable) return `${repository.uri}:${tag}`;
  return "mutable tag";
}

/** At most one finding for each service; labels that cannot be read are reported once. */
export function checkOlderCommit(
  { onOlder }: Pick<Inputs, "onOlder">,
  observed: Pick<Observed, "commit" | "tags" | "runningLabels">,
  drafts: readonly Pick<Draft, "service">[],
  image: ImagePlan | undefined,
): readonly PlanFinding[] {
  const deployed = image && deployedCommit(image, observed);
  if (deployed?.commitTime === undefined) return [];
  const problems: string[] = [];
  const older = drafts.flatMap(({ service }) => {
    const lookup = observed.runningLabels[service.arn];
    if (!lookup) return [];
    if ("error" in lookup) {
      problems.push(lookup.error);
      return [];
    }
    if (!isOlder(deployed, lookup.value)) return [];
    return [olderFinding(service.name, { running: lookup.value, deployed }, onOlder)];
  });
  const [why] = problems;
  if (why === undefined) return older;
  return [...older, uncheckedOlder(why)];
}

export function uncheckedOlder(why: string): PlanFinding {
  const what = "whether the service runs a newer commit than this run deploys";
  return { severity: "not-checked", what, why };
}

/** This run knows the time of the commit that it deploys. */
export function hasKnownCommit(
  image: ImagePlan | undefined,
  observed: Pick<Observed, "commit" | "tags">,
): boolean {
  return image !== undefined && deployedCommit(image, observed)?.commitTime !== undefined;
}

/** undefined: an image of `image`, or a reused one whose commit is unknown. */
function deployedCommit(
  image: ImagePlan,
  { commit, tags }: Pick<Observed, "commit" | "tags">,
): BuildLabels | undefined {
  if (image.from === "elsewhere" || image.commit === "") return undefined;
  if (!image.existing) return { revision: image.expectedLabels.revision, commitTime: commit.time };
  const labels = tags[image.tag]?.labels;
  if (!labels || "error" in labels) return undefined;
  return labels.value;
}

function isOlder(deployed: BuildLabels, running: BuildLabels): boolean {
  if (deployed.revision === undefined || running.revision === undefined) return false;
  if (isSameCommit(deployed.revision, running.revision)) return false;
  if (deployed.commitTime === undefined || running.commitTime === undefined) return false;
  return deployed.commitTime < running.commitTime;
}

interface ComparedCommits {
  readonly running: BuildLabels;
  readonly deployed: BuildLabels;
}

function olderFinding(
  service: string,
  { running, deployed }: ComparedCommits,
  onOlder: Inputs["onOlder"],
): PlanFinding {
  const message =
    `${service} runs ${describeCommit(running)}, and this run deploys an older one, ` +
    describeCommit(deployed);
  if (onOlder === "warn") return warning(`${message}.`);
  return blockingFinding(
    "OlderCommit",
    `${message}; on-older is "fail".`,
    "Nothing was built or changed. Run the workflow for the newest commit instead of running an " +
      "old run again. To deploy the older commit anyway: `rollback`, `to`, or `on-older: warn`.",
  );
}

function describeCommit({ revision, commitTime = 0 }: BuildLabels): string {
  return `commit ${revision ?? "?"} of ${formatCommitTime(commitTime)}`;
}
