// Images in ECR's archive, PURE: they are described like others, but cannot be pulled.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html

import type { ObservedImage, ObservedRepository } from "../../ecs/observed.ts";
import { DeployError } from "../../errors.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { shellBlock } from "../../text/code-block.ts";
import { nothingChanged } from "../findings.ts";
import { isImmutable } from "./tags.ts";

/** `ACTIVATING`: it is being restored. */
const archivedStatuses: ReadonlySet<string> = new Set(["ARCHIVED", "ACTIVATING"]);

export function isArchived({ status }: ObservedImage): boolean {
  return status !== undefined && archivedStatuses.has(status);
}

/**
 * Why the image is built although the tag names one; undefined: the tag's image is not archived, or
 * `if-image-exists` ignores it anyway (`rebuild`, `fail`).
 * @throws DeployError `ImageArchived` where the tag may not be moved to another image
 */
export function reasonToReplaceArchived(
  { ifImageExists }: Pick<Inputs, "ifImageExists">,
  repository: ObservedRepository,
  tag: string,
  image: ObservedImage,
): string | undefined {
  if (!isArchived(image) || ifImageExists === "rebuild" || ifImageExists === "fail")
    return undefined;
  if (ifImageExists === "reuse" || isImmutable(repository, tag))
    throw archivedError(repository, tag, image);
  return (
    `The tag "${tag}" of ${repository.name} names an archived image: the image is built, and the ` +
    "tag is moved to it."
  );
}

function archivedError(
  { name }: ObservedRepository,
  tag: string,
  { status, digest }: ObservedImage,
): DeployError {
  if (status === "ACTIVATING")
    return new DeployError({
      code: "ImageArchived",
      message: `${name}:${tag} (${digest}) is being restored from ECR's archive.`,
      hint:
        `${nothingChanged} ECR restores an image within 20 minutes: run the job again when the ` +
        "image's status is ACTIVE.",
    });
  const restore = shellBlock(
    "aws ecr update-image-storage-class",
    `--repository-name ${name}`,
    `--image-id imageDigest=${digest}`,
    "--target-storage-class STANDARD",
  );
  return new DeployError({
    code: "ImageArchived",
    message: `${name}:${tag} (${digest}) is archived in ECR: tasks cannot pull it.`,
    hint:
      `${nothingChanged} Restore it, and run the job again when the image's status is ACTIVE ` +
      `(within 20 minutes):\n${restore}\nOr set another image-tag, under which the image is built.`,
  });
}
