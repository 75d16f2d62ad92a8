// The image must fit the tasks' CPU, whatever built it: looked up in the registry, before anything is registered.

import { DeployError } from "../errors.ts";
import { type ImagePlan, wrongArchitecture } from "../plan/image/image.ts";
import { unfitting } from "../plan/image/platform.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { lookUpImage, type RegistryPorts } from "./registry.ts";

/**
 * Not being allowed to look is no failure: the push has succeeded, and ECS will pull with another role.
 * @throws DeployError `ImageUnfit`
 */
export async function requireFit(
  { reference, taskPlatforms }: ImagePlan,
  digest: string,
  ports: { readonly registry: RegistryPorts; readonly reporter: Reporter },
): Promise<void> {
  if (taskPlatforms.length === 0) return;
  const exact = `${reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "")}@${digest}`;
  const platforms = await platformsOf(exact, ports);
  if (!platforms) return;
  const missing = unfitting(taskPlatforms, platforms);
  if (missing.length > 0) throw wrongArchitecture(reference, missing, platforms);
}

/** By the registry, or by ECR when it is asked for a password. */
const notAllowed: ReadonlySet<string> = new Set(["ImageUnreadable", "PermissionMissing"]);

async function platformsOf(
  reference: string,
  { registry, reporter }: { readonly registry: RegistryPorts; readonly reporter: Reporter },
): Promise<readonly string[] | undefined> {
  try {
    return (await lookUpImage(reference, registry))?.platforms;
  } catch (error) {
    if (!(error instanceof DeployError) || !notAllowed.has(error.code)) throw error;
    reporter.notice(
      `Whether the image fits the tasks' CPU was not checked. ${error.message}\n${error.hint ?? ""}`,
    );
    return undefined;
  }
}
