// The new revision of a task definition, PURE: everything of its source is kept, only what was
// requested changes; nothing is registered if nothing changes.

import type { ObservedTaskDefinition } from "../../ecs/observed.ts";
import type { ValueSchema } from "../../ecs/request-schema.ts";
import type { KeyValue } from "../../inputs/key-values.ts";
import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../../json.ts";
import { type Change, diffTaskDefinitions } from "./diff.ts";
import { patchTaskDefinition } from "./merge-patch.ts";
import { registrableDocument, registrableRevision, withoutEmptyTexts } from "./source.ts";
import { changeTags, changeVariables, type RequestedVariables } from "./variables.ts";

/** The source of the new revision. */
export type TaskDefinitionSource =
  | { readonly kind: "revision"; readonly revision: ObservedTaskDefinition }
  | { readonly kind: "file"; readonly path: string; readonly document: JsonObject };

export interface RequestedChanges {
  readonly family?: string | undefined;
  readonly patch?: JsonObject | undefined;
  readonly variables: RequestedVariables;
  readonly tags: readonly KeyValue[];
}

interface RevisionRequest {
  readonly source: TaskDefinitionSource;
  /** The revision that the service runs. */
  readonly running: ObservedTaskDefinition;
  /**
   * The source with all changes that do not depend on image and containers: `draftTaskDefinition`.
   */
  readonly base: JsonObject;
  /** By container; all others keep theirs. */
  readonly images: Readonly<Record<string, string>>;
  /** These get the variables. */
  readonly variableContainers: readonly string[];
  readonly variables: RequestedVariables;
  readonly schema: ValueSchema;
}

interface RevisionPlan {
  /** The whole new definition. */
  readonly definition: JsonObject;
  /** Input of RegisterTaskDefinition; absent if a revision with the same content exists. */
  readonly register?: JsonObject;
  /** That revision's ARN. */
  readonly reuse?: string;
  /** Compared to the revision that the service runs. */
  readonly changes: readonly Change[];
}

export function planRevision(request: RevisionRequest): RevisionPlan {
  const { source, running, schema } = request;
  const definition = withImages(request);
  const before = withoutEmptyTexts(registrableRevision(running), schema);
  const changes = diffTaskDefinitions(before, definition);
  if (changes.length === 0) return { definition, reuse: running.arn, changes };
  const reusable = source.kind === "revision" && source.revision.definition.status !== "INACTIVE";
  if (
    reusable &&
    diffTaskDefinitions(registrableRevision(source.revision), definition).length === 0
  )
    return { definition, reuse: source.revision.arn, changes };
  return { definition, register: definition, changes };
}

/**
 * The source with all changes that do not depend on the chosen containers: family, patch, tags. A
 * file need not have the family.
 */
export function applyChanges(
  { source, running, schema }: Pick<RevisionRequest, "source" | "running" | "schema">,
  { family, patch, tags }: Omit<RequestedChanges, "variables">,
): JsonObject {
  const base =
    source.kind === "file"
      ? registrableDocument(source.document)
      : registrableRevision(source.revision);
  const patched = patch ? patchTaskDefinition(base, patch) : base;
  const tagged = tags.length > 0 ? changeTags(objectsOf(patched.tags), tags) : undefined;
  const { tags: before, ...rest } = patched;
  const kept = tagged ?? before;
  const hasTags = kept !== undefined && !(Array.isArray(kept) && kept.length === 0);
  const named = { ...rest, family: family ?? rest.family ?? running.definition.family };
  return withoutEmptyTexts(hasTags ? { ...named, tags: kept } : named, schema);
}

/** The chosen containers with their images and variables. */
export function withImages({
  base,
  images,
  variableContainers,
  variables,
}: Pick<RevisionRequest, "base" | "images" | "variableContainers" | "variables">): JsonObject {
  if (!Array.isArray(base.containerDefinitions)) return base;
  return {
    ...base,
    containerDefinitions: base.containerDefinitions.map((container) => {
      if (!isJsonObject(container)) return container;
      const name = stringOf(container.name) ?? "";
      const image = images[name];
      const changed = image === undefined ? container : { ...container, image };
      if (variableContainers.includes(name)) return changeVariables(changed, variables);
      return changed;
    }),
  };
}

/** The image that a container has now. */
export function imageOf(definition: JsonObject, container: string): string | undefined {
  return stringOf(
    objectsOf(definition.containerDefinitions).find(({ name }) => name === container)?.image,
  );
}
