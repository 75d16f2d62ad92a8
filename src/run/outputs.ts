// Reports during the run, as soon as facts are known: findings, the image, what ran before.

import { parseImageReference } from "../plan/image/image.ts";
import type { ServicePlan } from "../plan/service-plan.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ProvidedImage } from "./image.ts";
import type { RunState, ServiceRun } from "./state.ts";

export function setImageOutputs(image: ProvidedImage, reporter: Reporter): void {
  reporter.output("image", image.reference);
  reporter.output("image-tag", image.tag);
  reporter.output("image-digest", image.digest);
  reporter.output("image-reused", String(image.reused));
  const lines = image.byContainer.map(
    ({ container, reference, digest }) => `${container}=${reference.split("@")[0]}@${digest}`,
  );
  if (lines.length > 0) reporter.output("images", lines.join("\n"));
}

/** A rollback deploys an image, too: the one of its revision. */
export function setRollbackImageOutputs([first]: readonly ServiceRun[], reporter: Reporter): void {
  const { image } = first?.plan ?? {};
  if (!image) return;
  const { tag } = parseImageReference(image.reference);
  reporter.output("image", image.reference);
  if (tag !== undefined) reporter.output("image-tag", tag);
  if (image.digest !== undefined) reporter.output("image-digest", image.digest);
  reporter.output("image-reused", "true");
}

/** @param verifyUrls of `verify-url`: the first of them is the output `url` */
export function setPreviousOutputs(
  [first]: readonly ServiceRun[],
  verifyUrls: readonly { readonly url: string }[],
  reporter: Reporter,
): void {
  if (first) setPreviousRevisionOutputs(first.plan, reporter);
  const url = verifyUrls[0]?.url ?? first?.plan.infrastructure?.urls[0];
  if (url !== undefined) reporter.output("url", url);
}

function setPreviousRevisionOutputs(
  { previousImage, previousTaskDefinitionArn, upToDate, reuseArn }: ServicePlan,
  reporter: Reporter,
): void {
  if (previousImage !== undefined) reporter.output("previous-image", previousImage);
  if (previousTaskDefinitionArn !== "")
    reporter.output("previous-task-definition-arn", previousTaskDefinitionArn);
  if (upToDate) reporter.output("task-definition-arn", reuseArn);
}

/**
 * Outputs that describe one service describe the first, in every kind of run; `services` describes
 * all of them.
 */
export function reporterFor(
  entry: ServiceRun,
  { services }: Pick<RunState, "services">,
  reporter: Reporter,
): Reporter {
  if (entry === services[0] || services.length === 0) return reporter;
  return { ...reporter, output: () => {} };
}
