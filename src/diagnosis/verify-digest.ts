// Did ECS run the exact image that was pushed? Tags can move between the push and the first task;
// digests cannot.

import type { CallOptions } from "../aws/call.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";

/** The image that the service should run. */
export interface ExpectedImage {
  readonly container: string;
  readonly reference: string;
  readonly digest: string;
}

export interface DigestMismatch extends ExpectedImage {
  /** Digest that ECS resolved for our deployment. */
  readonly runningDigest: string;
}

/**
 * undefined: they are the same, or ECS does not report it (nothing resolved, version consistency
 * off, no service deployment known).
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerImage.html
 */
export async function findDigestMismatch(
  { snapshot: { serviceDeployment } }: RolloutEnd,
  expected: ExpectedImage,
  ecs: Pick<Ecs, "describeServiceRevisions">,
  options: CallOptions,
): Promise<DigestMismatch | undefined> {
  if (!serviceDeployment) return undefined;
  const [revision] = await ecs.describeServiceRevisions(
    [serviceDeployment.targetRevisionArn],
    options,
  );
  const runningDigest = revision?.images.find(
    ({ containerName }) => containerName === expected.container,
  )?.digest;
  if (runningDigest === undefined || runningDigest === expected.digest) return undefined;
  return { ...expected, runningDigest };
}
