// The type of a rule of ECS, and how a table of them is applied, PURE.

import { type JsonObject, type JsonValue, objectsOf, stringOf } from "../../../json.ts";
import { itemPath } from "../redaction.ts";

/** One reason why ECS refuses a request. */
export interface Rule<View> {
  /** In kebab case; the same in the table, in its tests and in the documentation. */
  readonly id: string;
  /** Where AWS documents it, or a user reported the refusal: a page, an issue. */
  readonly source: string;
  /** What the user must do; undefined: each violation has its own remedy. */
  readonly remedy?: string;
  /** ECS accepts it, or may accept it, but it is probably a mistake. Default: ECS refuses it. */
  readonly severity?: "warn";
  readonly check: (view: View) => readonly Violation[];
}

export interface Violation {
  /** `containerDefinitions[app].memory` */
  readonly path: string;
  /**
   * Follows the path: `is 1024, more than the task's 512`. Never shows a value that may be secret.
   */
  readonly problem: string;
  /** Overrides the rule's remedy. */
  readonly remedy?: string;
  readonly severity?: "refuse" | "warn";
}

export interface BrokenRule extends Violation {
  readonly rule: string;
  readonly remedy: string;
  readonly severity: "refuse" | "warn";
}

export function findBrokenRules<View>(
  rules: readonly Rule<View>[],
  view: View,
): readonly BrokenRule[] {
  return rules.flatMap(({ id, check, remedy = "", severity = "refuse" as const }) =>
    check(view).map(
      (violation): BrokenRule => ({
        path: violation.path,
        problem: violation.problem,
        remedy: violation.remedy ?? remedy,
        severity: violation.severity ?? severity,
        rule: id,
      }),
    ),
  );
}

/** A task definition as the rules see it. */
export interface TaskView {
  readonly definition: JsonObject;
  readonly containers: readonly ContainerView[];
  /** ECS's default is `bridge`. */
  readonly networkMode: string;
  /** Its tasks run on Fargate, whatever the task definition says. */
  readonly onFargate: boolean;
}

export interface ContainerView {
  /** `containerDefinitions[app]` */
  readonly path: string;
  readonly name: string;
  readonly essential: boolean;
  readonly definition: JsonObject;
}

export function taskView(definition: JsonObject, onFargate: boolean): TaskView {
  return {
    definition,
    onFargate,
    networkMode: stringOf(definition.networkMode) ?? "bridge",
    containers: itemsAt(definition.containerDefinitions, "containerDefinitions").map(
      ({ path, item }) => ({
        path,
        name: stringOf(item.name) ?? "",
        essential: item.essential !== false,
        definition: item,
      }),
    ),
  };
}

/** The objects of a list with their paths. */
export function itemsAt(
  list: JsonValue | undefined,
  path: string,
): readonly { readonly path: string; readonly item: JsonObject }[] {
  return objectsOf(list).map((item, index) => ({ path: itemPath(path, item, index), item }));
}

/** Every value at a place like `containerDefinitions[].portMappings[].protocol`, with its path. */
export function valuesAt(
  value: JsonValue | undefined,
  place: string,
  path = "",
): readonly { readonly path: string; readonly value: JsonValue }[] {
  if (value === undefined || value === null) return [];
  if (place === "") return [{ path, value }];
  const [segment = "", ...rest] = place.split(".");
  const name = segment.replace(/\[\]$/, "");
  if (typeof value !== "object" || Array.isArray(value)) return [];
  const member = (value as JsonObject)[name];
  const memberAt = path === "" ? name : `${path}.${name}`;
  const below = rest.join(".");
  if (!segment.endsWith("[]")) return valuesAt(member, below, memberAt);
  if (!Array.isArray(member)) return [];
  return member.flatMap((item: JsonValue, index) =>
    valuesAt(item, below, itemPath(memberAt, item, index)),
  );
}

/**
 * Whether a member has a meaning: in exported files false, "", [] and {} mostly mean that it is not
 * set.
 */
export function hasValue(value: JsonValue | undefined): value is JsonValue {
  if (value === undefined || value === null || value === false || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** The items that repeat an earlier one. */
export function repeatedItems<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
): readonly Item[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const isRepeated = seen.has(key(item));
    seen.add(key(item));
    return isRepeated;
  });
}

/** `"a", "b" or "c"` */
export function listValues(values: readonly string[], last = "or"): string {
  const quoted = values.map((value) => JSON.stringify(value));
  if (quoted.length < 2) return quoted.join("");
  return `${quoted.slice(0, -1).join(", ")} ${last} ${quoted.at(-1)}`;
}
