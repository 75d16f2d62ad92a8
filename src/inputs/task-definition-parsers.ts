// How the inputs of task definition and service become values, PURE.

import type { JsonObject } from "../json.ts";
import { unexpectedValue } from "./parsers.ts";

/** `document` is read by read.ts. */
export type TaskDefinitionInput =
  | { readonly path: string; readonly document?: JsonObject }
  | { readonly revision: string };

const family = "[A-Za-z0-9_-]{1,255}";
const arn = String.raw`arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:task-definition/`;

/** What has a slash or an ending is a path; `family`, `family:revision` and ARNs are revisions. A file without an ending: `./name`. */
export function taskDefinitionSource(given: string): TaskDefinitionInput {
  if (new RegExp(`^(${arn})?${family}(:[1-9]\\d*)?$`).test(given)) return { revision: given };
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

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html */
export interface Threshold {
  readonly type: "COUNT" | "BOUNDED_PERCENT";
  readonly value: number;
}

export function threshold(given: string): Threshold {
  const [, digits, percent] = given.match(/^(\d+)\s*(%?)$/) ?? [];
  const value = Number(digits);
  if (digits === undefined || value < 1 || (percent === "%" && value > 100))
    throw unexpectedValue('a count of tasks like "3" or a share like "50%"', given);
  return percent === "%" ? { type: "BOUNDED_PERCENT", value } : { type: "COUNT", value };
}

export type DeploymentTarget = { readonly revision: string } | { readonly tag: string };

/** A number alone is a revision; a tag that is a number can be had with its family: `family:42`, or as `tag:42`. */
export function deploymentTarget(given: string): DeploymentTarget {
  if (new RegExp(`^(${arn})?(${family}:)?[1-9]\\d{0,8}$`).test(given) && !given.startsWith("tag:"))
    return { revision: given };
  const tag = given.replace(/^tag:/, "");
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag)) return { tag };
  throw unexpectedValue("a revision (42, family:42 or its ARN) or an image tag", given);
}
