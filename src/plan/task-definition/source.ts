// Where a task definition comes from, PURE: a running revision, a file, the raw answer of
// describe-task-definition; made fit to be registered.

import type { ObservedTaskDefinition } from "../../ecs/observed.ts";
import type { ValueSchema } from "../../ecs/request-schema.ts";
import {
  definedOnly,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  stringOf,
} from "../../json.ts";

/**
 * Only ECS writes these; sent back, they are refused.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
 */
export const readOnlyMembers: ReadonlySet<string> = new Set([
  "taskDefinitionArn",
  "revision",
  "status",
  "requiresAttributes",
  "compatibilities",
  "registeredAt",
  "deregisteredAt",
  "deleteRequestedAt",
  "registeredBy",
]);

/**
 * A revision as RegisterTaskDefinition would take it: everything kept but what only AWS may write,
 * and nulls.
 */
export function registrableRevision({ definition, tags }: ObservedTaskDefinition): JsonObject {
  return toRegistrable(tags.length > 0 ? { ...definition, tags } : definition);
}

/**
 * A document as RegisterTaskDefinition would take it. A describe answer has its tags beside the
 * task definition.
 */
export function registrableDocument(document: JsonObject): JsonObject {
  const { taskDefinition: wrapped, tags } = document;
  if (!isJsonObject(wrapped)) return toRegistrable(document);
  return toRegistrable({ ...wrapped, ...definedOnly({ tags }) });
}

function toRegistrable(definition: JsonObject): JsonObject {
  const kept = Object.entries(definition).filter(([member]) => !readOnlyMembers.has(member));
  const { tags, ...rest } = withoutNulls(Object.fromEntries(kept)) as JsonObject;
  if (!Array.isArray(tags)) return { ...rest, ...definedOnly({ tags }) };
  const own = tags.filter((tag) => !(isJsonObject(tag) && stringOf(tag.key)?.startsWith("aws:")));
  if (own.length > 0) return { ...rest, tags: own };
  return rest;
}

/**
 * ECS refuses null members; a definition that ECS itself keeps has none, one exported from the
 * console may.
 */
function withoutNulls(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value))
    return value.filter((item) => item !== null).map((item) => withoutNulls(item) as JsonValue);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(
    ([, member]) => member !== null && member !== undefined,
  );
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

/**
 * Members that hold "" where ECS wants the name, the ARN or one of the values of something are left
 * out, like nulls: exported files are full of `"pidMode": ""`. Texts that anybody may write stay: a
 * variable's and a tag's `value`, items of lists (commands), values of maps (log options, labels),
 * and whatever the SDK's model does not know. A member that holds nothing else is left out, too;
 * items of lists keep their place.
 */
export function withoutEmptyTexts(definition: JsonObject, shape: ValueSchema): JsonObject {
  const pruned = pruneEmpty(definition, shape);
  if (isJsonObject(pruned)) return pruned;
  return definition;
}

function pruneEmpty(value: JsonValue, shape: ValueSchema | undefined): JsonValue | undefined {
  if (shape?.is === "list" && Array.isArray(value))
    return value.map((item: JsonValue) => pruneEmpty(item, shape.of) ?? {});
  if (shape?.is !== "members" || !isJsonObject(value)) return value;
  const before = Object.entries(value).filter(([, member]) => member !== undefined);
  const after = before.flatMap(([name, member = null]) => {
    const memberSchema = shape.members[name];
    const isFree = name === "value" && !shape.required.includes(name);
    const kept =
      memberSchema?.is === "text" && member === "" && !isFree
        ? undefined
        : pruneEmpty(member, memberSchema);
    if (kept === undefined) return [];
    return [[name, kept] as const];
  });
  if (before.length > 0 && after.length === 0) return undefined;
  return Object.fromEntries(after);
}
