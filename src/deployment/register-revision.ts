// Registers the revisions of the services: those that would be identical share one.

import type { Ecs } from "../aws/ecs.ts";
import { asDeployError, DeployError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { ServicePlan } from "../plan/service-plan.ts";
import { redactWholeWords, secretValuesOf } from "../plan/task-definition/hidden-values.ts";

/**
 * Returns the ARN of the revision to deploy: a new one, or an existing one with the same content.
 */
export type RegisterRevision = (
  plan: Pick<ServicePlan, "register" | "reuseArn">,
) => Promise<string>;

/** Services whose new revisions would be identical share one: one call, one revision. */
export function createRegisterRevision(ecs: Pick<Ecs, "registerTaskDefinition">): RegisterRevision {
  const registered = new Map<string, Promise<string>>();
  return async ({ register, reuseArn }) => {
    if (!register) return reuseArn;
    const key = JSON.stringify(register);
    const arn = registered.get(key) ?? registerWithoutSecrets(register, ecs);
    registered.set(key, arn);
    return arn;
  };
}

/** AWS's error may quote the request; only those values that the diff shows may be printed. */
async function registerWithoutSecrets(
  definition: JsonObject,
  ecs: Pick<Ecs, "registerTaskDefinition">,
): Promise<string> {
  try {
    return (await ecs.registerTaskDefinition(definition)).arn;
  } catch (error) {
    const { code, message, hint, refusal } = asDeployError(error);
    // IAM's sentence contains names only, and must stay readable
    if (code === "Cancelled" || refusal) throw error;
    const values = secretValuesOf(definition);
    const hidden = hint === undefined ? undefined : redactWholeWords(hint, values);
    throw new DeployError(
      {
        code,
        message: redactWholeWords(message, values),
        refusal,
        hint: hidden,
      },
      { cause: error },
    );
  }
}
