// The sentence for an image that ECS resolved to another digest, PURE.

import type { DigestMismatch } from "./verify-digest.ts";

/** ECS did not run the image that was pushed. */
export function describeDigestMismatch({
  container,
  reference,
  digest,
  runningDigest,
}: DigestMismatch): string {
  return (
    `Container "${container}" does not run the image that this step provided: ${reference} was ` +
    `${digest}, but ECS resolved it to ${runningDigest}. Another user or process may push to the ` +
    "same tag; use an immutable tag."
  );
}
