// What the actions that deploy nothing may do: the policies of docs/iam.md and of their scenarios are
// written from it.

import type { RunTaskInputs } from "../inputs/run-task-inputs.ts";
import type { Inputs } from "../inputs/schema.ts";
import { type FeatureName, featuresFor } from "./permissions.ts";

/** Of the features of a deployment, those that have to do with the image. */
const ofTheImage: ReadonlySet<FeatureName> = new Set<FeatureName>([
  "repository",
  "push",
  "createRepository",
  "platformCheck",
  "imageOrigin",
  "latestTag",
  "additionalTags",
  "cache",
  "baseImage",
  "scan",
]);

/** What a run of the action `build` with these inputs needs. */
export function buildFeaturesFor(inputs: Inputs): readonly FeatureName[] {
  return featuresFor(inputs).filter((name) => ofTheImage.has(name));
}

/** What a run of the action `register` with these inputs needs. */
export function registerFeaturesFor({
  image,
  tags,
}: Pick<Inputs, "image" | "tags">): readonly FeatureName[] {
  const needed: FeatureName[] = ["revision", "revisionChecks", "secrets", "taskDefinition"];
  if (tags.length > 0) needed.push("tags");
  if (image !== undefined) needed.push("externalImage");
  return needed;
}

/** What a run of the action `run-task` with these inputs needs. */
export function runTaskFeaturesFor({
  image,
  service,
  taskDefinition,
  onCancel,
}: RunTaskInputs): readonly FeatureName[] {
  const needed: FeatureName[] = ["revision", "revisionChecks", "secrets", "task", "taskLog"];
  if (image !== undefined) needed.push("externalImage");
  if (image !== undefined || taskDefinition.some((source) => "path" in source))
    needed.push("taskDefinition");
  needed.push(service.length > 0 ? "taskService" : "taskCluster");
  if (onCancel === "stop-task") needed.push("stopTask");
  return needed;
}
