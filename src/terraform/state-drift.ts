// Drift after a rollback: Terraform's state and ECS have different revisions. Describes it and how
// to remove it. PURE.

import { shortRevision } from "../ecs/arn.ts";
import { type JsonObject, objectOf, objectsOf, stringOf } from "../json.ts";
import { parseImageReference } from "../plan/image/image.ts";
import { shellBlock } from "../text/code-block.ts";

interface StateDrift {
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
  const deployed = shortRevision(inState ?? applied);
  const state =
    inState === undefined
      ? `Terraform applied ${deployed} to ${service}`
      : `the Terraform state has ${deployed} for ${service}`;
  return {
    message:
      `Drift: ${state}, ECS runs ${shortRevision(running)}; the next apply with ${variable} = ` +
      `${JSON.stringify(value)} will deploy ${deployed} again.`,
    hint: driftHint({ previousImage, variable, directory }),
  };
}

function driftHint({
  previousImage,
  variable,
  directory,
}: Pick<StateDrift, "previousImage" | "variable" | "directory">): string {
  const next = "The next successful deployment removes the drift.";
  const tag = previousImage && parseImageReference(previousImage).tag;
  if (!tag) return next;
  const command = shellBlock(`terraform -chdir=${directory} apply`, `-var ${variable}=${tag}`);
  return (
    `${next} To remove it now, deploy the image that runs (nothing is built): run this step with ` +
    `\`image-tag: ${tag}\`, or\n${command}`
  );
}

/**
 * The service's task definition in the state.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service
 */
export function taskDefinitionInState(state: JsonObject, service: string): string | undefined {
  const found = resourcesOf(objectOf(objectOf(state.values).root_module)).find(
    ({ type, values }) => type === "aws_ecs_service" && objectOf(values).name === service,
  );
  return stringOf(objectOf(found?.values).task_definition);
}

function resourcesOf({ resources, child_modules }: JsonObject): readonly JsonObject[] {
  return [...objectsOf(resources), ...objectsOf(child_modules).flatMap(resourcesOf)];
}
