// Drift after a rollback: Terraform's state and ECS have different revisions. Describes it and how
// to remove it. PURE.

import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../json.ts";
import { parseImageReference } from "../plan/image/image.ts";
import { shellBlock } from "../text/code-block.ts";
import { shortRevision } from "../text/format.ts";

export interface StateDrift {
  readonly service: string;
  /** Revision that ECS runs now. */
  readonly running: string;
  /** Revision that was applied. */
  readonly applied: string;
  /**
   * Revision in Terraform's state; undefined: the state has no such service, or could not be read.
   */
  readonly inState: string | undefined;
  readonly variable: string;
  readonly value: string;
  readonly previousImage: string | undefined;
  readonly directory: string;
}

/** undefined: there is no drift. */
export function describeStateDrift(
  of: StateDrift,
): { readonly message: string; readonly hint: string } | undefined {
  const { service, running, applied, inState, variable, value, previousImage, directory } = of;
  if (shortRevision(inState ?? applied) === shortRevision(running)) return undefined;
  const tag = previousImage === undefined ? undefined : parseImageReference(previousImage).tag;
  return {
    message: `${inState === undefined ? `Drift: Terraform applied ${shortRevision(applied)} to` : `Drift: the Terraform state has ${shortRevision(inState)} for`} ${service}, ECS runs ${shortRevision(running)}; the next apply with ${variable} = ${JSON.stringify(value)} will deploy ${shortRevision(inState ?? applied)} again.`,
    hint:
      tag === undefined
        ? "The next successful deployment removes the drift."
        : `The next successful deployment removes the drift. To remove it now, deploy the image that runs (nothing is built): run this step with \`image-tag: ${tag}\`, or\n${shellBlock(`terraform -chdir=${directory} apply`, `-var ${variable}=${tag}`)}`,
  };
}

/**
 * The service's task definition in the state.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service
 */
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
