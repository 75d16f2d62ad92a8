// Which containers get the image, PURE.

import type { DeployErrorDetails } from "../../errors.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { type JsonObject, objectsOf, stringOf } from "../../json.ts";
import { isFromRepository } from "../image/image.ts";
import { closestMatch } from "./schema-check.ts";

/** Which containers the inputs name, and which input does. */
export function containersOf({
  image,
  containerName,
}: Pick<Inputs, "image" | "containerName">): NamedContainers {
  const named = (image ?? []).flatMap(({ container }) => container ?? []);
  if (named.length === 0)
    return { requested: containerName, input: "container-name", forVariables: undefined };
  if (containerName.length === 0)
    return { requested: named, input: "image", forVariables: undefined };
  return { requested: named, input: "image", forVariables: containerName };
}

interface NamedContainers extends Pick<ContainerQuery, "requested" | "input"> {
  /** Those that get variables and secrets, if they are not those that get an image. */
  readonly forVariables: readonly string[] | undefined;
}

/** For a name that no container has. */
export const containerRemedies = {
  "container-name": "Correct `container-name`, or leave it out.",
  image: "Nothing was built or changed. Correct the container's name in `image`.",
};

interface ContainerQuery {
  /** Registry host and name of the repository of this deployment. */
  readonly repositoryUri: string | undefined;
  /** Named by an input; [] if it names none. */
  readonly requested: readonly string[];
  /** That input. */
  readonly input: keyof typeof containerRemedies;
  /** The revision that the service runs. */
  readonly running: JsonObject;
}

type ContainerChoice =
  | {
      readonly containers: readonly string[];
      /** Why these were chosen, for the debug log. */
      readonly reason: string;
      readonly problem?: undefined;
    }
  | {
      readonly containers: readonly [];
      readonly reason: string;
      readonly problem: DeployErrorDetails;
    };

/**
 * The requested ones that this task definition has; otherwise all whose image comes from the
 * repository (here or in the running revision); otherwise the only one.
 */
export function chooseContainers(
  definition: JsonObject,
  { repositoryUri, requested, input, running }: ContainerQuery,
): ContainerChoice {
  const all = objectsOf(definition.containerDefinitions);
  const names = containerNamesOf(definition);
  const family = stringOf(definition.family) ?? "?";
  if (requested.length > 0) {
    const found = requested.filter((name) => names.includes(name));
    if (found.length > 0) return { containers: found, reason: `named by ${input}` };
    return containerNotFound(
      `Task definition ${family} has no container ${quotedList(requested)}; it has ` +
        `${quotedList(names)}.${suggestion(requested, names)}`,
      containerRemedies[input],
    );
  }
  const runningImages = new Map(
    objectsOf(running.containerDefinitions).map(({ name, image }) => [name, image]),
  );
  // In a file the image may be anything, such as a placeholder; then the running revision decides.
  const matching = all.filter(({ name, image }) =>
    [image, runningImages.get(name)].some(
      (one) => repositoryUri !== undefined && isFromRepository(stringOf(one) ?? "", repositoryUri),
    ),
  );
  if (matching.length > 0)
    return {
      containers: matching.map(({ name }) => stringOf(name) ?? ""),
      reason: `the image, here or in the running revision, comes from ${repositoryUri}`,
    };
  if (names.length === 1) return { containers: names, reason: "the only container" };
  if (names.length === 0)
    return containerNotFound(
      `Task definition ${family} has no containers.`,
      "Is it the right file?",
    );
  return containerNotFound(
    `Task definition ${family} has several containers and none of them comes from ` +
      `${repositoryUri ?? "the image's repository"}: ${quotedList(names)}.`,
    "Say with `container-name` which one gets the new image (several: one per line).",
  );
}

/** Names that no task definition of this deployment has, and a list of those that they have. */
export function compareContainers(
  definitions: readonly JsonObject[],
  requested: readonly string[],
): { readonly unknown: readonly string[]; readonly known: string } {
  const known = new Set(definitions.flatMap(containerNamesOf));
  return { unknown: requested.filter((name) => !known.has(name)), known: quotedList([...known]) };
}

function containerNotFound(message: string, hint: string): ContainerChoice {
  return {
    containers: [],
    reason: message,
    problem: { code: "ContainerNotFound", message, hint },
  };
}

function suggestion(asked: readonly string[], names: readonly string[]): string {
  const nearest = asked.length === 1 ? closestMatch(asked[0] ?? "", names) : undefined;
  if (nearest === undefined) return "";
  return ` Did you mean "${nearest}"?`;
}

/** In the order of the task definition. */
export function containerNamesOf({ containerDefinitions }: JsonObject): readonly string[] {
  return objectsOf(containerDefinitions).map(({ name }) => stringOf(name) ?? "");
}

/** `"app", "proxy"`, or `none`. */
export function quotedList(names: readonly string[]): string {
  if (names.length === 0) return "none";
  return names.map((name) => `"${name}"`).join(", ");
}
