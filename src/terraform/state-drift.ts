// After a rollback Terraform's state and ECS say different things; in plain words, and how to settle it. PURE.

import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../json.ts";
import { parseImageReference } from "../plan/image/image.ts";
import { shellBlock } from "../text/code-block.ts";
import { shortRevision } from "../text/format.ts";

export interface StateDrift {
  readonly service: string;
  /** What ECS runs now. */
  readonly running: string;
  /** What was applied. */
  readonly applied: string;
  /** What Terraform's state has for the service; undefined: no resource of the state is that service, or it could not be read. */
  readonly inState: string | undefined;
  readonly variable: string;
  readonly value: string;
  readonly previousImage: string | undefined;
  readonly directory: string;
}

/** undefined: they agree. */
export function describeStateDrift(
  of: StateDrift,
): { readonly message: string; readonly hint: string } | undefined {
  const { service, running, applied, inState, variable, value, previousImage, directory } = of;
  if (shortRevision(inState ?? applied) === shortRevision(running)) return undefined;
  const tag = previousImage === undefined ? undefined : parseImageReference(previousImage).tag;
  return {
    message: `${inState === undefined ? `Terraform has applied ${shortRevision(applied)} to` : `Terraform's state has ${shortRevision(inState)} for`} ${service}, ECS runs ${shortRevision(running)}: the next apply with ${variable} = ${JSON.stringify(value)} tries that again.`,
    hint:
      tag === undefined
        ? "State and service agree again with the next deployment that succeeds."
        : `State and service agree again with the next deployment that succeeds. To settle it now, deploy what runs (nothing is built): this step with \`image-tag: ${tag}\`, or\n${shellBlock(`terraform -chdir=${directory} apply`, `-var ${variable}=${tag}`)}`,
  };
}

/** What the state has as the service's task definition. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service */
export function taskDefinitionInState(state: JsonObject, service: string): string | undefined {
  const { values } = state;
  const root = isJsonObject(values) ? values.root_module : undefined;
  const found = resourcesOf(isJsonObject(root) ? root : {}).find(
    ({ type, values: attributes }) =>
      type === "aws_ecs_service" && isJsonObject(attributes) && attributes.name === service,
  );
  return found && isJsonObject(found.values) ? stringOf(found.values.task_definition) : undefined;
}

function resourcesOf({ resources, child_modules }: JsonObject): readonly JsonObject[] {
  return [...objectsOf(resources), ...objectsOf(child_modules).flatMap(resourcesOf)];
}
