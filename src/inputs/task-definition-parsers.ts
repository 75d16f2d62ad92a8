// Parsers of the inputs for the task definition, PURE.

import type { JsonObject } from "../json.ts";
import { InputProblem, lines, quoted, unexpectedValue } from "./parsers.ts";
import { type ServiceName, serviceNames } from "./service-names.ts";

/** read.ts parses `document`. */
export type DefinitionSource =
  | { readonly path: string; readonly document?: JsonObject }
  | { readonly revision: string };

/** One line of `task-definition`. */
export type TaskDefinitionInput = DefinitionSource & {
  /** undefined: the only line; it is the source for every service. */
  readonly service: ServiceName | undefined;
};

export const family = "[A-Za-z0-9_-]{1,255}";
export const taskDefinitionArn = String.raw`arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:task-definition/`;

/** One source for every service, or `service=source` lines. */
export function taskDefinitionSources(given: string): readonly TaskDefinitionInput[] {
  const sources = lines(given).map(definitionLine);
  const unnamed = sources.findIndex(({ service }) => service === undefined);
  if (sources.length > 1 && unnamed >= 0)
    throw new InputProblem(
      `several task definitions need a service each, but ${quoted(lines(given)[unnamed] ?? "")} ` +
        "has none: write SERVICE=FILE, one per line",
    );
  return sources;
}

/** The source of a step without a service. */
export function oneTaskDefinition(given: string): readonly [TaskDefinitionInput] {
  return [{ ...definitionSource(given), service: undefined }];
}

/** A path may contain `=`, too; then the text before it is mostly no name of a service. */
function definitionLine(line: string): TaskDefinitionInput {
  const [, before, after = ""] = line.match(serviceLine) ?? [];
  if (before === undefined) return { ...definitionSource(line), service: undefined };
  const [service] = serviceNames(before);
  if (after === "") throw unexpectedValue("SERVICE=FILE, like api=api.json", line);
  return { ...definitionSource(after), service };
}

const serviceLine = /^([A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)?|arn:[^=]+)\s*=\s*(.*)$/;

/**
 * A value with a slash or a file extension is a path; `family`, `family:revision` and ARNs are
 * revisions. A file without an extension: `./name`.
 */
export function definitionSource(given: string): DefinitionSource {
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
