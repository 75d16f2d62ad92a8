// Environment variables, secrets and tags of a task definition, PURE: set, replaced or removed; all
// others are kept.

import type { KeyValue } from "../../inputs/key-values.ts";
import { type JsonObject, objectsOf, stringOf } from "../../json.ts";

export interface RequestedVariables {
  readonly environment: readonly KeyValue[];
  readonly secrets: readonly KeyValue[];
}

/**
 * A container with the requested variables. A name that moves from one list to the other is removed
 * from the first: ECS refuses it in both.
 */
export function changeVariables(
  container: JsonObject,
  { environment, secrets }: RequestedVariables,
): JsonObject {
  const isSetIn = (assignments: readonly KeyValue[]) => (name: string) =>
    assignments.some((one) => one.name === name && "value" in one);
  const change = (
    member: "environment" | "secrets",
    own: readonly KeyValue[],
    other: readonly KeyValue[],
  ) => {
    const before = objectsOf(container[member]);
    const kept = before.filter(({ name }) => !isSetIn(other)(stringOf(name) ?? ""));
    if (own.length === 0) {
      if (kept.length === before.length) return {};
      return { [member]: kept };
    }
    return {
      [member]: assign(kept, own, {
        key: "name",
        value: member === "secrets" ? "valueFrom" : "value",
      }),
    };
  };
  return {
    ...container,
    ...change("environment", environment, secrets),
    ...change("secrets", secrets, environment),
  };
}

export function changeTags(
  tags: readonly JsonObject[],
  requested: readonly KeyValue[],
): readonly JsonObject[] {
  return assign(tags, requested, { key: "key", value: "value" });
}

/** Existing entries keep their place (and their other members); new ones come last. */
function assign(
  items: readonly JsonObject[],
  assignments: readonly KeyValue[],
  member: { readonly key: string; readonly value: string },
): readonly JsonObject[] {
  const result = new Map(items.map((item) => [stringOf(item[member.key]) ?? "", item]));
  for (const assignment of assignments) {
    if (assignment.name === "*") result.clear();
    else if ("remove" in assignment) result.delete(assignment.name);
    else
      result.set(assignment.name, {
        ...result.get(assignment.name),
        [member.key]: assignment.name,
        [member.value]: assignment.value,
      });
  }
  return [...result.values()];
}

/** Names that are to be removed from a container that does not have them: probably a typo. */
export function missingRemovals(
  container: JsonObject,
  { environment, secrets }: RequestedVariables,
): readonly string[] {
  const missing = (member: "environment" | "secrets", assignments: readonly KeyValue[]) => {
    const existing = new Set(objectsOf(container[member]).map(({ name }) => name));
    return assignments
      .filter((one) => "remove" in one && one.name !== "*" && !existing.has(one.name))
      .map(({ name }) => name);
  };
  return [...missing("environment", environment), ...missing("secrets", secrets)];
}
