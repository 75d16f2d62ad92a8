// The source of a task definition, PURE: a running revision, a file, or the raw output of
// describe-task-definition, converted so that it can be registered.

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
 * Only ECS writes these; RegisterTaskDefinition refuses them.
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
 * A revision as input of RegisterTaskDefinition: everything except nulls and the members that only
 * AWS may write.
 */
export function registrableRevision({ definition, tags }: ObservedTaskDefinition): JsonObject {
  return toRegistrable(tags.length > 0 ? { ...definition, tags } : definition);
}

/**
 * A document as input of RegisterTaskDefinition. The output of describe-task-definition has the
 * tags beside the task definition.
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
 * ECS refuses null members; a registered definition has none, one exported from the console may.
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
 * Removes members that are "" where ECS requires a name, an ARN or one of a set of values, like
 * nulls: exported files often contain `"pidMode": ""`. Free texts are kept: the `value` of a
 * variable or tag, items of lists (commands), values of maps (log options, labels), and members
 * that the SDK's model does not know. A member with no other content is removed, too; items of
 * lists are kept.
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
