// Did ECS run the exact image that was pushed? Tags can move between the push and the first task;
// digests cannot.

import type { CallOptions } from "../aws/call.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { ServiceRevision } from "../ecs/deployment.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";

/** All reads except that of the log start at once; the log is read after them: 20 s in all. */
export const evidenceTimeoutMilliseconds = 10_000;

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

/**
 * undefined: they are the same, or ECS does not report it (nothing resolved, version consistency
 * off, no service deployment known).
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerImage.html
 */
export function findDigestMismatch(
  revision: ServiceRevision | undefined,
  expected: ExpectedImage,
): DigestMismatch | undefined {
  const runningDigest = revision?.images.find(
    ({ containerName }) => containerName === expected.container,
  )?.digest;
  if (runningDigest === undefined || runningDigest === expected.digest) return undefined;
  return { ...expected, runningDigest };
}
