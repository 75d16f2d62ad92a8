// What a request may hold, and what of it a document gets wrong, PURE. The shapes come from the SDK's own model (aws/sdk-schema.ts).

import type { Shape } from "../../ecs/request-schema.ts";
import { kindOf } from "../../inputs/document.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import { itemPath, mayShowValue, memberPath } from "./redaction.ts";

export interface UnknownMember {
  readonly path: string;
  readonly name: string;
  /** The known name that it comes closest to. */
  readonly nearest?: string;
}

export interface Mistyped {
  readonly path: string;
  /** `expected a number, got the text "8000"` */
  readonly problem: string;
}

export interface MissingMember {
  /** Of the object that lacks it. */
  readonly path: string;
  readonly name: string;
}

export interface Comparison {
  readonly unknown: readonly UnknownMember[];
  readonly mistyped: readonly Mistyped[];
  readonly missing: readonly MissingMember[];
}

/**
 * Every member whose name the model does not know (it may be newer than the model), every one whose type is wrong for sure, and every
 * required one that is not there.
 */
export function compareWithShape(
  value: JsonValue | undefined,
  shape: Shape,
  path = "",
): Comparison {
  if (shape.is === "anything" || value === undefined || value === null) return nothing;
  if (shape.is === "members" && isJsonObject(value)) return compareMembers(value, shape, path);
  if (shape.is === "map" && isJsonObject(value))
    return joined(
      Object.entries(value).map(([name, member]) =>
        compareWithShape(member, shape.of, memberPath(path, name)),
      ),
    );
  if (shape.is === "list" && Array.isArray(value))
    return joined(
      value.map((item, index) => compareWithShape(item, shape.of, itemPath(path, item, index))),
    );
  const fits =
    (shape.is === "text" && typeof value === "string") ||
    (shape.is === "number" && typeof value === "number") ||
    (shape.is === "boolean" && typeof value === "boolean");
  return fits
    ? nothing
    : {
        ...nothing,
        mistyped: [{ path: path || "(whole)", problem: describe(value, shape, path) }],
      };
}

const nothing: Comparison = { unknown: [], mistyped: [], missing: [] };

function compareMembers(
  value: JsonObject,
  { members, required }: Extract<Shape, { readonly is: "members" }>,
  path: string,
): Comparison {
  const known = Object.keys(members);
  const missing = required.filter((name) => value[name] === undefined || value[name] === null);
  return joined([
    { ...nothing, missing: missing.map((name) => ({ path, name })) },
    ...Object.entries(value).map(([name, member]) => {
      const shape = Object.hasOwn(members, name) ? members[name] : undefined;
      if (shape) return compareWithShape(member, shape, memberPath(path, name));
      const nearest = nearestOf(name, known);
      return {
        ...nothing,
        unknown: [
          { path: memberPath(path, name), name, ...(nearest !== undefined && { nearest }) },
        ],
      };
    }),
  ]);
}

function joined(comparisons: readonly Comparison[]): Comparison {
  return {
    unknown: comparisons.flatMap(({ unknown }) => unknown),
    mistyped: comparisons.flatMap(({ mistyped }) => mistyped),
    missing: comparisons.flatMap(({ missing }) => missing),
  };
}

const words: Readonly<Record<Shape["is"], string>> = {
  text: "a text (in quotes)",
  number: "a number (without quotes)",
  boolean: "true or false (without quotes)",
  anything: "anything",
  list: "a list",
  map: "an object",
  members: "an object",
};

function describe(value: JsonValue, shape: Shape, path: string): string {
  const shown =
    typeof value !== "object" && mayShowValue(path)
      ? `${kindOf(value)}: ${JSON.stringify(value)}`
      : kindOf(value);
  const cure =
    /(^|\.)tags$/.test(path) && isJsonObject(value)
      ? ', each like {"key": "team", "value": "clock"}'
      : "";
  return `expected ${words[shape.is]}${cure}, got ${shown}`;
}

/** The known name with the fewest differing letters, if they are few. */
export function nearestOf(name: string, known: readonly string[]): string | undefined {
  const atMost = Math.max(2, Math.floor(name.length / 4));
  const [best] = known
    .map((candidate) => ({
      candidate,
      distance: distanceBetween(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= atMost)
    .sort((one, other) => one.distance - other.distance);
  return best?.candidate;
}

/** Levenshtein's distance. */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
