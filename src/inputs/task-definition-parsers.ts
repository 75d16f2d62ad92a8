// Parsers of the inputs for the task definition, PURE.

import type { JsonObject } from "../json.ts";
import { unexpectedValue } from "./parsers.ts";

/** read.ts parses `document`. */
type TaskDefinitionInput =
  | { readonly path: string; readonly document?: JsonObject }
  | { readonly revision: string };

export const family = "[A-Za-z0-9_-]{1,255}";
export const taskDefinitionArn = String.raw`arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:task-definition/`;

/**
 * A value with a slash or a file extension is a path; `family`, `family:revision` and ARNs are
 * revisions. A file without an extension: `./name`.
 */
export function taskDefinitionSource(given: string): TaskDefinitionInput {
  if (new RegExp(`^(${taskDefinitionArn})?${family}(:[1-9]\\d*)?$`).test(given))
    return { revision: given };
  if (given.startsWith("arn:")) throw unexpectedValue("the ARN of a task definition", given);
  return { path: given };
}

export function taskDefinitionFamily(given: string): string {
  if (new RegExp(`^${family}$`).test(given)) return given;
  throw unexpectedValue(
    "the name of a task definition family (letters, digits, - and _), without a revision",
    given,
  );
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
export function containerNames(given: string): readonly string[] {
  const names = given.split(/[\s,]+/).filter(Boolean);
  for (const name of names)
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
      throw unexpectedValue(
        "names of containers (letters, digits, - and _), one per line or with commas",
        name,
      );
  return [...new Set(names)];
}
