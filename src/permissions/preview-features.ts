// What the action `preview` may do: the policies of its scenarios are written from it.

import { type PreviewInputs, toDeployInputs } from "../inputs/preview-inputs.ts";
import { type FeatureName, featuresFor } from "./permissions.ts";

/** What `preview` has in their place: their resources are previews, not the service of the inputs. */
const ofTheService: readonly FeatureName[] = [
  "service",
  "taskDefinition",
  "update",
  "verdict",
  "preflight",
  "rollback",
  "express",
  "expressCreate",
];

/** What a run of the action `preview` with these inputs needs. */
export function previewFeaturesFor(inputs: PreviewInputs): readonly FeatureName[] {
  const needed = featuresFor(toDeployInputs(inputs)).filter((name) => !ofTheService.includes(name));
  return [...needed, "preview"];
}
