// The plan of an image that no service gets yet, PURE.

import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { repositoryMissing } from "./check-targets.ts";
import type { PlanFinding } from "./findings.ts";
import { type ImagePlan, planImage } from "./image/image.ts";
import type { Observed } from "./observed.ts";
import { imageFindings } from "./plan-deploy.ts";

interface BuildRunPlan {
  readonly image: ImagePlan;
  readonly findings: readonly PlanFinding[];
}

/**
 * Without a task definition no platform is needed: the builder's own, or that of `platforms`.
 * @throws DeployError `RepositoryNotFound`, and what `planImage` throws
 */
export function planBuildRun(
  inputs: Inputs,
  observed: Pick<Observed, "commit" | "repository" | "tags" | "externalImages" | "templateError">,
): BuildRunPlan {
  const { ecrRepository: name = "", awsRegion } = inputs;
  if (!observed.repository)
    throw new DeployError(repositoryMissing(name, awsRegion, observed.templateError));
  const image = planImage(inputs, { ...observed, taskPlatforms: [] });
  return { image, findings: imageFindings(image) };
}
