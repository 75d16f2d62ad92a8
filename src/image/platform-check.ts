// The image must support the platform of the tasks: checked in the registry before anything is
// registered.

import { DeployError } from "../errors.ts";
import { type ImagePlan, platformMismatch } from "../plan/image/image.ts";
import { unsupportedPlatforms } from "../plan/image/platform.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { inspectImage, type RegistryPorts } from "./registry.ts";

/**
 * A registry that denies the read is no failure: the push has succeeded, and ECS pulls with another
 * role.
 * @throws DeployError `PlatformMismatch`
 */
export async function assertPlatformSupported(
  { reference, taskPlatforms }: ImagePlan,
  digest: string,
  ports: { readonly registry: RegistryPorts; readonly reporter: Reporter },
): Promise<void> {
  if (taskPlatforms.length === 0) return;
  const digestReference = `${reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "")}@${digest}`;
  const platforms = await readPlatforms(digestReference, ports);
  if (!platforms) return;
  const missing = unsupportedPlatforms(taskPlatforms, platforms);
  if (missing.length > 0) throw platformMismatch(reference, missing, platforms);
}

/** From the registry, or from ECR when a password is requested. */
const accessErrorCodes: ReadonlySet<string> = new Set(["ImageUnreadable", "PermissionMissing"]);

async function readPlatforms(
  reference: string,
  { registry, reporter }: { readonly registry: RegistryPorts; readonly reporter: Reporter },
): Promise<readonly string[] | undefined> {
  try {
    return (await inspectImage(reference, registry))?.platforms;
  } catch (error) {
    if (!(error instanceof DeployError) || !accessErrorCodes.has(error.code)) throw error;
    reporter.notice(
      "Not checked: whether the image supports the platform of the tasks. " +
        `${error.message}\n${error.hint ?? ""}`,
    );
    return undefined;
  }
}
