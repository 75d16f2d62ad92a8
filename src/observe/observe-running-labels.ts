// Reads which commit each service runs: the labels of its image.

import type { AwsSession } from "../aws/session.ts";
import { inspectLabels, type RegistryPorts } from "../image/registry.ts";
import type { Inputs } from "../inputs/schema.ts";
import { type RunningDraft, runningReference } from "../plan/image/older-commit.ts";
import type { Observed } from "../plan/observed.ts";
import { observeRunningImages } from "./observe-services.ts";

type ReadLabels = ReturnType<typeof inspectLabels>;

interface RunningLabelsPorts {
  readonly ecs: AwsSession["ecs"];
  readonly registry: RegistryPorts;
}

/**
 * Each image is read once, however many services run it. A mutable tag may have moved since the
 * service's deployment, so that ECS's revision must say which image runs.
 */
export async function observeRunningLabels(
  inputs: Inputs,
  observed: Observed,
  drafts: readonly RunningDraft[],
  { ecs, registry }: RunningLabelsPorts,
): Promise<Observed["runningLabels"]> {
  const unresolved = drafts.flatMap((draft) => {
    if (runningReference(inputs, observed, draft) !== "mutable tag") return [];
    if (observed.runningImages[draft.service.arn]) return [];
    return [draft.service];
  });
  const runningImages = {
    ...observed.runningImages,
    ...(await observeRunningImages(unresolved, ecs)),
  };
  const reads = new Map(labelsReadBefore(observed));
  const found = drafts.map(async (draft) => {
    const reference = runningReference(inputs, { ...observed, runningImages }, draft);
    if (reference === undefined) return [];
    const { arn } = draft.service;
    if (reference === "mutable tag") {
      const lookup = runningImages[arn];
      if (lookup && "error" in lookup) return [[arn, lookup] as const];
      return [];
    }
    const read = reads.get(reference) ?? inspectLabels(reference, registry);
    reads.set(reference, read);
    return [[arn, await read] as const];
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}

/** Of the deployed tag's image, which a service may run. */
function labelsReadBefore({
  repository,
  tags,
}: Pick<Observed, "repository" | "tags">): readonly (readonly [string, ReadLabels])[] {
  return Object.values(tags).flatMap((image) => {
    if (!repository || !image?.labels) return [];
    return [[`${repository.uri}@${image.digest}`, Promise.resolve(image.labels)] as const];
  });
}
