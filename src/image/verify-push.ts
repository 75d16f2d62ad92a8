// After the push: what the builder says and what the registry has must be one and the same. Another run may have been faster.

import type { Ecr } from "../aws/ecr.ts";
import { DeployError } from "../errors.ts";
import type { RepositoryImagePlan } from "../plan/image/image.ts";
import {
  describeOrigin,
  type ExistingImage,
  judgeTaken,
  originOf,
} from "../plan/image/image-origin.ts";
import { reportFindings } from "../reporter/findings.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { Pushed } from "./push.ts";
import { lookUpLabels, type RegistryPorts } from "./registry.ts";

export interface SettlePorts {
  readonly ecr: Pick<Ecr, "describeImage">;
  readonly registry: RegistryPorts;
  readonly reporter: Reporter;
}

interface Settled {
  readonly digest: string;
  /** It is the image of another run. */
  readonly reused: boolean;
}

/**
 * The image of another run is used only where its labels say that it was built from the same commit with the same inputs, or, without
 * labels, where it has the commit's sha as its immutable tag.
 * @throws DeployError `ImageMismatch`, `ImageExists`, `PushFailed`
 */
export async function settle(
  plan: RepositoryImagePlan,
  pushed: Pushed,
  ports: SettlePorts,
): Promise<Settled> {
  const stored = await ports.ecr.describeImage(plan.repository.name, plan.tag);
  const taken = "taken" in pushed ? pushed.taken : undefined;
  if (!stored)
    throw taken === undefined ? mismatch(plan, pushed, undefined) : refusedWithoutImage(plan);
  if ("digest" in pushed && stored.digest === pushed.digest) {
    ports.reporter.info(`Pushed ${plan.reference} (${pushed.digest}).`);
    return { digest: stored.digest, reused: false };
  }
  const theirs = await existingNow(plan, stored.digest, ports);
  const { digest, origin } = theirs;
  if (taken === undefined && origin.kind !== "ours" && plan.ifImageExists !== "fail")
    throw mismatch(plan, pushed, theirs);
  reportFindings(judgeTaken(theirs, taken === "on another try"), ports.reporter);
  ports.reporter.info(
    `${plan.reference} was pushed by another run meanwhile (${digest}); that image is used.`,
  );
  return { digest, reused: taken !== undefined };
}

async function existingNow(
  { repository, tag, wanted, commit, ifImageExists }: RepositoryImagePlan,
  digest: string,
  { registry }: SettlePorts,
): Promise<ExistingImage> {
  const labels = await lookUpLabels(`${repository.uri}@${digest}`, registry);
  return {
    ...{ repository, tag, digest, wanted, commit, ifImageExists },
    ...{
      origin: originOf(labels, wanted),
      soFar: "Another run has pushed it meanwhile. The service was not touched.",
    },
  };
}

function mismatch(
  plan: RepositoryImagePlan,
  pushed: Pushed,
  theirs: ExistingImage | undefined,
): DeployError {
  const ours = ("digest" in pushed && pushed.digest) || "the image that was built now";
  const there = theirs
    ? `${theirs.digest}, which ${describeOrigin(theirs.origin, theirs.wanted)}`
    : "nothing there";
  return new DeployError({
    code: "ImageMismatch",
    message: `${plan.reference} should be ${ours}, but the repository has ${there}.`,
    hint: "The service was not touched. Another run or user may push to the same tag: use a tag that never moves, like the commit's sha.",
  });
}

function refusedWithoutImage({ repository, tag }: RepositoryImagePlan): DeployError {
  return new DeployError({
    code: "PushFailed",
    message: `${repository.name} refused the tag ${tag} as taken, but has no image under it.`,
    hint: "The service was not touched. Run the job again.",
  });
}
