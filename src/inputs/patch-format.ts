// Mistakes in the form of a task definition patch, PURE: reported when it is read, because later
// the cause could only be guessed.

import { isJsonObject, type JsonObject, stringOf } from "../json.ts";

export function patchProblem(patch: JsonObject): string | undefined {
  const { containerDefinitions: containers } = patch;
  if (containers === undefined) return undefined;
  const nameless = "containerDefinitions: every container of the patch needs its name";
  if (Array.isArray(containers)) {
    if (containers.every((one) => isJsonObject(one) && stringOf(one.name))) return undefined;
    return nameless;
  }
  if (!isJsonObject(containers))
    return "containerDefinitions: expected the containers by their names, `app: {stopTimeout: 30}`";
  const wrong = Object.entries(containers).find(([, one]) => one !== null && !isJsonObject(one));
  return (
    wrong && `containerDefinitions.${wrong[0]}: expected an object, or null to remove the container`
  );
}
