// JSON merge patch, PURE: null removes a member, an object is merged, anything else replaces.
// https://www.rfc-editor.org/rfc/rfc7396

import { isJsonObject, type JsonObject, type JsonValue, objectsOf, stringOf } from "../../json.ts";

export function mergePatch(
  target: JsonValue | undefined,
  patch: JsonValue | undefined,
): JsonValue | undefined {
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, JsonValue | undefined> = isJsonObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

/**
 * A merge patch that addresses containers by their name instead of replacing the whole list:
 * `containerDefinitions: {app: {stopTimeout: 30}, debug: null}`, or a list whose containers have a
 * `name`. A new name is a new container.
 */
export function patchTaskDefinition(definition: JsonObject, patch: JsonObject): JsonObject {
  const { containerDefinitions, ...rest } = patch;
  const merged = mergePatch(definition, rest) as JsonObject;
  if (containerDefinitions === undefined) return merged;
  const containers = new Map(
    objectsOf(definition.containerDefinitions).map((container) => [
      stringOf(container.name) ?? "",
      container,
    ]),
  );
  for (const [name, change] of namedPatches(containerDefinitions)) {
    if (change === null) containers.delete(name);
    else
      containers.set(name, {
        ...(mergePatch(containers.get(name) ?? {}, change) as JsonObject),
        name,
      });
  }
  return { ...merged, containerDefinitions: [...containers.values()] };
}

function namedPatches(patches: JsonValue): readonly (readonly [string, JsonValue])[] {
  if (isJsonObject(patches))
    return Object.entries(patches).map(([name, patch]) => [name, patch ?? null] as const);
  return objectsOf(patches).map((patch) => [stringOf(patch.name) ?? "", patch] as const);
}
