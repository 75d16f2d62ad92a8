// Compares a document with the members and types that a request may have, PURE. The shapes come
// from the SDK's own model (aws/sdk-schema.ts).

import type { ValueSchema } from "../../ecs/request-schema.ts";
import { typeNameOf } from "../../inputs/document.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import { isShowable, itemPath, memberPath } from "./redaction.ts";

interface UnknownMember {
  readonly path: string;
  readonly name: string;
  /** The most similar known name. */
  readonly closest?: string | undefined;
}

interface MistypedMember {
  readonly path: string;
  /** `expected a number, got the text "8000"` */
  readonly problem: string;
}

interface MissingMember {
  /** Path of the object that lacks it. */
  readonly path: string;
  readonly name: string;
}

interface SchemaProblems {
  readonly unknown: readonly UnknownMember[];
  readonly mistyped: readonly MistypedMember[];
  readonly missing: readonly MissingMember[];
}

/**
 * Every member whose name the model does not know (it may be newer than the model), every one whose
 * type is certainly wrong, and every required one that is missing.
 */
export function checkAgainstSchema(
  value: JsonValue | undefined,
  shape: ValueSchema,
  path = "",
): SchemaProblems {
  if (shape.is === "anything" || value === undefined || value === null) return noProblems;
  if (shape.is === "members" && isJsonObject(value)) return compareMembers(value, shape, path);
  if (shape.is === "map" && isJsonObject(value))
    return mergeProblems(
      Object.entries(value).map(([name, member]) =>
        checkAgainstSchema(member, shape.of, memberPath(path, name)),
      ),
    );
  if (shape.is === "list" && Array.isArray(value))
    return mergeProblems(
      value.map((item, index) => checkAgainstSchema(item, shape.of, itemPath(path, item, index))),
    );
  const fits =
    (shape.is === "text" && typeof value === "string") ||
    (shape.is === "number" && typeof value === "number") ||
    (shape.is === "boolean" && typeof value === "boolean");
  if (fits) return noProblems;
  return {
    ...noProblems,
    mistyped: [{ path: path || "(whole)", problem: describeTypeMismatch(value, shape, path) }],
  };
}

const noProblems: SchemaProblems = { unknown: [], mistyped: [], missing: [] };

function compareMembers(
  value: JsonObject,
  { members, required }: Extract<ValueSchema, { readonly is: "members" }>,
  path: string,
): SchemaProblems {
  const known = Object.keys(members);
  const missing = required.filter((name) => value[name] === undefined || value[name] === null);
  return mergeProblems([
    { ...noProblems, missing: missing.map((name) => ({ path, name })) },
    ...Object.entries(value).map(([name, member]) => {
      const shape = Object.hasOwn(members, name) ? members[name] : undefined;
      if (shape) return checkAgainstSchema(member, shape, memberPath(path, name));
      const nearest = closestMatch(name, known);
      return {
        ...noProblems,
        unknown: [
          {
            path: memberPath(path, name),
            name,
            closest: nearest,
          },
        ],
      };
    }),
  ]);
}

function mergeProblems(comparisons: readonly SchemaProblems[]): SchemaProblems {
  return {
    unknown: comparisons.flatMap(({ unknown }) => unknown),
    mistyped: comparisons.flatMap(({ mistyped }) => mistyped),
    missing: comparisons.flatMap(({ missing }) => missing),
  };
}

const typeNames: Readonly<Record<ValueSchema["is"], string>> = {
  text: "a text (in quotes)",
  number: "a number (without quotes)",
  boolean: "true or false (without quotes)",
  anything: "anything",
  list: "a list",
  map: "an object",
  members: "an object",
};

function describeTypeMismatch(value: JsonValue, shape: ValueSchema, path: string): string {
  const shown =
    typeof value !== "object" && isShowable(path)
      ? `${typeNameOf(value)}: ${JSON.stringify(value)}`
      : typeNameOf(value);
  const cure =
    /(^|\.)tags$/.test(path) && isJsonObject(value)
      ? ', each like {"key": "team", "value": "clock"}'
      : "";
  return `expected ${typeNames[shape.is]}${cure}, got ${shown}`;
}

/** For a notice on a member that the model does not know. */
export function describeUnknownMember(name: string, closest: string | undefined): string {
  const suggestion = closest === undefined ? "." : `, did you mean "${closest}"?`;
  return `"${name}" is not a member that this action knows${suggestion} It is sent as it is.`;
}

/** The known name with the fewest different letters, if they are few. */
export function closestMatch(name: string, known: readonly string[]): string | undefined {
  const maxDistance = Math.max(2, Math.floor(name.length / 4));
  const [best] = known
    .map((candidate) => ({
      candidate,
      distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
