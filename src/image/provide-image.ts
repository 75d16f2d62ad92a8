// The image of this run: reused, or built and pushed; then scanned, if requested.

import type { Inputs } from "../inputs/schema.ts";
import type { ImagePlan } from "../plan/image/image.ts";
import type { ProvidedImage, ScanReport } from "../run/image.ts";
import { setImageOutputs } from "../run/outputs.ts";
import type { RunPhase } from "../run/phases.ts";
import type { RunState } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { ensureImage, type ImagePorts } from "./build-or-reuse.ts";
import { assertScanPasses, combineScans, scanImage } from "./scan.ts";
import { updateLatestTag as moveLatestTag, type TagPorts } from "./tags.ts";

export function imagePortsOf(
  connection: Pick<ImagePorts, "ecr" | "ecrIn" | "registry">,
  { buildSecrets: secrets }: Pick<Inputs, "buildSecrets">,
  runtime: Runtime,
): ImagePorts {
  const { run, clock, signal, reporter, environment, temporaryFolder, postState } = runtime;
  return {
    ...connection,
    run,
    clock,
    signal,
    reporter,
    environment,
    temporaryFolder,
    secrets,
    registerForCleanup: postState.privateFolder,
  };
}

/**
 * Records the scan report before it is judged, so that the summary of a failed run has it.
 * @throws DeployError if there is no image to deploy, or the scan found a vulnerability that blocks
 * it
 */
export async function provideScannedImage(
  plan: ImagePlan,
  { scan: minimumSeverity }: Pick<Inputs, "scan">,
  ports: ImagePorts,
  runState: RunState,
  phase: RunPhase,
): Promise<ProvidedImage> {
  const builds = plan.from === "repository" && plan.build !== undefined;
  const title = builds ? "Build and push the image" : "Use the existing image";
  const image = await phase(title, () => ensureImage(plan, ports));
  runState.image = image;
  setImageOutputs(image, ports.reporter);
  if (minimumSeverity === "off") return image;
  await phase("Wait for the scan", async () => {
    const reports: ScanReport[] = [];
    for (const one of imagesOf(image)) {
      const report = await scanImage(one, plan, ports);
      reports.push(report);
      runState.image = { ...image, scan: combineScans(reports) };
      assertScanPasses(report, minimumSeverity, one.reference);
    }
  });
  return image;
}

/** Each image once, also if several containers get it. */
function imagesOf(image: ProvidedImage): readonly Pick<ProvidedImage, "reference" | "digest">[] {
  if (image.byContainer.length === 0) return [image];
  return [...new Map(image.byContainer.map((one) => [one.reference, one])).values()];
}

/** `latest-when: succeeded`: moves the mutable tag after the deployment has succeeded. */
export async function moveLatest(
  plan: ImagePlan,
  { digest }: ProvidedImage,
  ports: TagPorts,
): Promise<void> {
  await moveLatestTag(plan, digest, "succeeded", ports);
}
