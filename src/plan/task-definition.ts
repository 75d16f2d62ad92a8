// The new task definition, PURE: everything kept, only what was asked changed.

import { DeployError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, objectsOf, stringOf } from "../json.ts";
import { isFromRepository } from "./image.ts";
import type { ObservedTaskDefinition } from "./observed.ts";

/** One member that will be other than it is. Shown in log and summary. */
export interface Change {
  /** `containerDefinitions[app].image` */
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export interface TaskDefinitionPlan {
  /** What RegisterTaskDefinition is sent; absent when nothing changes and the current revision is used again. */
  readonly register?: JsonObject;
  readonly changes: readonly Change[];
}

/** Only ECS writes these; sent back, they are refused. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html */
const writtenByEcs = new Set([
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

export function planTaskDefinition(
  current: ObservedTaskDefinition,
  container: string,
  image: string,
): TaskDefinitionPlan {
  const changes: Change[] = [];
  const containers = objectsOf(current.definition.containerDefinitions).map((definition) => {
    if (definition.name !== container || definition.image === image) return definition;
    changes.push({
      path: `containerDefinitions[${container}].image`,
      from: stringOf(definition.image) ?? "",
      to: image,
    });
    return { ...definition, image };
  });
  if (changes.length === 0) return { changes };
  const tags = current.tags.filter((tag) => !stringOf(tag.key)?.startsWith("aws:"));
  const kept = Object.entries(current.definition).filter(([member]) => !writtenByEcs.has(member));
  const register = { ...Object.fromEntries(kept), containerDefinitions: containers, ...(tags.length > 0 && { tags }) };
  return { register: withoutNulls(register) as JsonObject, changes };
}

/** ECS refuses null members; a definition that ECS itself keeps has none, one exported from the console may. Empty strings stay. */
function withoutNulls(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map((item) => withoutNulls(item) as JsonValue);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

/**
 * The container that gets the new image: the one asked for, else the one whose image is in the repository, else the only one.
 * @throws DeployError `ContainerNotFound` with the names there are
 */
export function chooseContainer(
  definition: JsonObject,
  { repositoryUri, asked }: { readonly repositoryUri: string; readonly asked?: string | undefined },
): string {
  const containers = objectsOf(definition.containerDefinitions);
  const names = containers.map(({ name }) => stringOf(name) ?? "");
  const family = stringOf(definition.family) ?? "?";
  if (asked !== undefined) {
    if (names.includes(asked)) return asked;
    throw new DeployError({
      code: "ContainerNotFound",
      message: `Task definition ${family} has no container "${asked}"; it has ${listed(names)}.`,
      hint: "Correct `container-name`, or leave it out.",
    });
  }
  const matching = containers.filter(({ image }) => isFromRepository(stringOf(image) ?? "", repositoryUri));
  const candidates = matching.length > 0 ? matching.map(({ name }) => stringOf(name) ?? "") : names;
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return only;
  throw new DeployError({
    code: "ContainerNotFound",
    message:
      matching.length > 0
        ? `Task definition ${family} has several containers from ${repositoryUri}: ${listed(candidates)}.`
        : `Task definition ${family} has several containers and none of them comes from ${repositoryUri}: ${listed(names)}.`,
    hint: "Say with `container-name` which one gets the new image.",
  });
}

/** The image that a container has now. */
export function imageOf(definition: JsonObject, container: string): string | undefined {
  return stringOf(objectsOf(definition.containerDefinitions).find(({ name }) => name === container)?.image);
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
