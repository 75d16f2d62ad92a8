// Did ECS run the exact image that was pushed? Tags can move between the push and the first task;
// digests cannot.

import type { CallOptions } from "../aws/call.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { ServiceRevision } from "../ecs/deployment.ts";
import type { ContainerImage } from "../plan/image/image.ts";
import type { ServicePlan } from "../plan/service-plan.ts";
import type { ProvidedImage } from "../run/image.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";

/** All reads except that of the log start at once; the log is read after them: 20 s in all. */
export const evidenceTimeoutMilliseconds = 10_000;

export interface DigestMismatch extends ContainerImage {
  /** Digest that ECS resolved for our deployment. */
  readonly runningDigest: string;
}

/** What ECS resolved for our deployment; undefined: no service deployment is known. */
export async function readTargetRevision(
  { snapshot: { serviceDeployment } }: RolloutEnd,
  ecs: Pick<Ecs, "describeServiceRevisions">,
  options: CallOptions,
): Promise<ServiceRevision | undefined> {
  if (!serviceDeployment) return undefined;
  const arns = [serviceDeployment.targetRevisionArn];
  const [revision] = await ecs.describeServiceRevisions(arns, options);
  return revision;
}

/** The image of each container that this run has given one. */
export function expectedImages(
  { container, otherContainers = [] }: ServicePlan,
  { reference, digest, byContainer }: ProvidedImage,
): readonly ContainerImage[] {
  return [container, ...otherContainers].map(
    (name) =>
      byContainer.find((one) => one.container === name) ?? { container: name, reference, digest },
  );
}

/**
 * Empty: they are the same, or ECS does not report it (nothing resolved, version consistency off,
 * no service deployment known).
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerImage.html
 */
export function findDigestMismatches(
  revision: ServiceRevision | undefined,
  expected: readonly ContainerImage[],
): readonly DigestMismatch[] {
  return expected.flatMap((image) => {
    const runningDigest = revision?.images.find(
      ({ containerName }) => containerName === image.container,
    )?.digest;
    if (runningDigest === undefined || runningDigest === image.digest) return [];
    return [{ ...image, runningDigest }];
  });
}
