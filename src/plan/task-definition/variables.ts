// Environment variables, secrets and tags of a task definition, PURE: set, replaced, taken away; all else stays.

import type { Assignment } from "../../inputs/key-values.ts";
import { type JsonObject, objectsOf, stringOf } from "../../json.ts";

export interface AskedVariables {
  readonly environment: readonly Assignment[];
  readonly secrets: readonly Assignment[];
}

/** A container with its variables as asked. A name that moves from one list to the other leaves the first: ECS refuses it in both. */
export function changeVariables(
  container: JsonObject,
  { environment, secrets }: AskedVariables,
): JsonObject {
  const isSetIn = (assignments: readonly Assignment[]) => (name: string) =>
    assignments.some((one) => one.name === name && "value" in one);
  const change = (
    member: "environment" | "secrets",
    own: readonly Assignment[],
    other: readonly Assignment[],
  ) => {
    const before = objectsOf(container[member]);
    const kept = before.filter(({ name }) => !isSetIn(other)(stringOf(name) ?? ""));
    if (own.length === 0) return kept.length === before.length ? {} : { [member]: kept };
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
  asked: readonly Assignment[],
): readonly JsonObject[] {
  return assign(tags, asked, { key: "key", value: "value" });
}

/** What is there keeps its place (and its other members); what is new comes last. */
function assign(
  items: readonly JsonObject[],
  assignments: readonly Assignment[],
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

/** Names that are to be taken away from a container that has none such: a slip of the pen, most likely. */
export function missingRemovals(
  container: JsonObject,
  { environment, secrets }: AskedVariables,
): readonly string[] {
  const absent = (member: "environment" | "secrets", assignments: readonly Assignment[]) => {
    const there = new Set(objectsOf(container[member]).map(({ name }) => name));
    return assignments
      .filter((one) => "remove" in one && one.name !== "*" && !there.has(one.name))
      .map(({ name }) => name);
  };
  return [...absent("environment", environment), ...absent("secrets", secrets)];
}
