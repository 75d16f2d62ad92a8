// The image of this run: reused, or built and pushed; then scanned, if that was asked for.

import type { Inputs } from "../inputs/schema.ts";
import type { ImagePlan } from "../plan/image/image.ts";
import type { ProvidedImage } from "../run/image.ts";
import { setImageOutputs } from "../run/outputs.ts";
import type { RunPhase } from "../run/phases.ts";
import type { RunState } from "../run/state.ts";
import { ensureImage, type ImagePorts } from "./build-or-reuse.ts";
import { assertScanPasses, scanImage } from "./scan.ts";
import { updateLatestTag as moveLatestTag, type TagPorts } from "./tags.ts";

/**
 * What the scan found is in the summary, also of a run that ends here.
 * @throws DeployError where there is no image to deploy, or the scan forbids it
 */
export async function provideScannedImage(
  plan: ImagePlan,
  { scan: least }: Pick<Inputs, "scan">,
  ports: ImagePorts,
  journal: RunState,
  phase: RunPhase,
): Promise<ProvidedImage> {
  const image = await phase("Provide the image", () => ensureImage(plan, ports));
  journal.image = image;
  setImageOutputs(image, ports.reporter);
  if (least === "off") return image;
  await phase("Wait for the scan", async () => {
    const report = await scanImage(plan, image.digest, ports);
    journal.image = { ...image, scan: report };
    assertScanPasses(report, least, image.reference);
  });
  return image;
}

/** `latest-when: succeeded`: the mutable tag follows once the services are good. */
export async function moveLatest(
  plan: ImagePlan,
  { digest }: ProvidedImage,
  ports: TagPorts,
): Promise<void> {
  await moveLatestTag(plan, digest, "succeeded", ports);
}
