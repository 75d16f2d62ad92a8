// After the push: the registry must have the digest that the builder reported. Another run may have
// pushed first.

import type { Ecr } from "../aws/ecr.ts";
import { DeployError } from "../errors.ts";
import type { RepositoryImagePlan } from "../plan/image/image.ts";
import {
  decideOnConflict,
  describeOrigin,
  type ExistingImage,
  originOf,
} from "../plan/image/image-origin.ts";
import { reportFindings } from "../reporter/findings.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { PushResult } from "./push.ts";
import { inspectLabels, type RegistryPorts } from "./registry.ts";

interface VerifyPushPorts {
  readonly ecr: Pick<Ecr, "describeImage">;
  readonly registry: RegistryPorts;
  readonly reporter: Reporter;
}

interface VerifiedImage {
  readonly digest: string;
  /** Pushed by another run. */
  readonly reused: boolean;
}

/**
 * The image of another run is used only if its labels say that it was built from the same commit
 * with the same inputs, or, without labels, if its immutable tag is the commit's sha.
 * @throws DeployError `ImageMismatch`, `ImageExists`, `PushFailed`
 */
export async function verifyPushedImage(
  plan: RepositoryImagePlan,
  pushed: PushResult,
  ports: VerifyPushPorts,
): Promise<VerifiedImage> {
  const stored = await ports.ecr.describeImage(plan.repository.name, plan.tag);
  const taken = "taken" in pushed ? pushed.taken : undefined;
  if (!stored && taken === undefined) throw imageMismatchError(plan, pushed, undefined);
  if (!stored) throw tagTakenWithoutImageError(plan);
  if ("digest" in pushed && stored.digest === pushed.digest) {
    ports.reporter.info(`Pushed ${plan.reference} (${pushed.digest}).`);
    return { digest: stored.digest, reused: false };
  }
  const actual = await readExistingImage(plan, stored.digest, ports);
  const { digest, origin } = actual;
  if (taken === undefined && origin.kind !== "ours" && plan.ifImageExists !== "fail")
    throw imageMismatchError(plan, pushed, actual);
  reportFindings(decideOnConflict(actual, taken === "on retry"), ports.reporter);
  ports.reporter.info(
    `Another run pushed ${plan.reference} meanwhile (${digest}); using that image.`,
  );
  return { digest, reused: taken !== undefined };
}

async function readExistingImage(
  { repository, tag, expectedLabels, commit, ifImageExists }: RepositoryImagePlan,
  digest: string,
  { registry }: VerifyPushPorts,
): Promise<ExistingImage> {
  const labels = await inspectLabels(`${repository.uri}@${digest}`, registry);
  return {
    repository,
    tag,
    digest,
    expectedLabels,
    commit,
    ifImageExists,
    origin: originOf(labels, expectedLabels),
    progressHint: "Another run pushed it meanwhile. The service was not touched.",
  };
}

function imageMismatchError(
  plan: RepositoryImagePlan,
  pushed: PushResult,
  existing: ExistingImage | undefined,
): DeployError {
  const expected = ("digest" in pushed && pushed.digest) || "the image that this run built";
  const found = existing ? describeExisting(existing) : "no image with this tag";
  return new DeployError({
    code: "ImageMismatch",
    message: `${plan.reference} should be ${expected}, but the repository has ${found}.`,
    hint:
      "The service was not touched. Another run or user may push to the same tag: use an " +
      "immutable tag, for example the commit sha.",
  });
}

function describeExisting({ digest, origin, expectedLabels }: ExistingImage): string {
  return `${digest}, which ${describeOrigin(origin, expectedLabels)}`;
}

function tagTakenWithoutImageError({ repository, tag }: RepositoryImagePlan): DeployError {
  return new DeployError({
    code: "PushFailed",
    message:
      `${repository.name} rejected the tag ${tag} as already in use, but has no image with this ` +
      "tag.",
    hint: "The service was not touched. Run the job again.",
  });
}
