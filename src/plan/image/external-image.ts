// The images that `image` names, PURE: each must exist and support the tasks' CPU architecture.

import type { ObservedExternalImage } from "../../ecs/observed.ts";
import type { DeployErrorDetails } from "../../errors.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { toSingleError } from "../check-targets.ts";
import {
  deployedReference,
  type ExternalImagePlan,
  type ImagePlan,
  parseImageReference,
  platformMismatch,
} from "./image.ts";
import { unsupportedPlatforms } from "./platform.ts";

interface ExternalView {
  /** In the order of `image`. */
  readonly externalImages: readonly (ObservedExternalImage | undefined)[];
  readonly taskPlatforms: readonly string[];
}

/** @throws DeployError `ImageNotFound`, `PlatformMismatch` */
export function planExternalImages(
  { pinDigest }: Pick<Inputs, "pinDigest">,
  images: NonNullable<Inputs["image"]>,
  { externalImages, taskPlatforms }: ExternalView,
): ExternalImagePlan {
  const problems = images.flatMap(({ reference }, at) => {
    return externalImageProblem(reference, externalImages[at], taskPlatforms);
  });
  const error = toSingleError(problems);
  if (error) throw error;
  const byContainer = images.flatMap(({ container, reference }, at) => {
    const { digest = "" } = externalImages[at] ?? {};
    if (container === undefined) return [];
    return { container, digest, reference: deployedReference({ reference, pinDigest }, digest) };
  });
  const [{ reference }] = images;
  return {
    from: "elsewhere",
    reference,
    tag: parseImageReference(reference).tag ?? "",
    pinDigest,
    taskPlatforms,
    existing: { digest: externalImages[0]?.digest ?? "" },
    byContainer,
  };
}

function externalImageProblem(
  reference: string,
  image: ObservedExternalImage | undefined,
  taskPlatforms: readonly string[],
): readonly DeployErrorDetails[] {
  if (!image)
    return [
      {
        code: "ImageNotFound",
        message: `Image ${reference} not found.`,
        hint:
          "Nothing was changed. Check `image`: was it pushed under this tag, to this registry, by " +
          "a job that this one `needs`? An image in ECR's archive cannot be pulled either.",
      },
    ];
  const { platforms = taskPlatforms } = image;
  const missing = unsupportedPlatforms(taskPlatforms, platforms);
  if (missing.length === 0) return [];
  return [platformMismatch(reference, missing, platforms)];
}

/** @param digest of the image, if it is known: it may be pushed only now */
export function imageForContainer(
  image: ImagePlan,
  container: string,
  digest: string | undefined,
): { readonly reference: string; readonly digest: string | undefined } {
  const own =
    image.from === "elsewhere" && image.byContainer.find((one) => one.container === container);
  return own || { reference: deployedReference(image, digest), digest };
}
