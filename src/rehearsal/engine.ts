// The Docker engine that runs the tasks, and what it must be able to do.

import { DeployError } from "../errors.ts";
import { ecrRegistryOf, resolveReference } from "../image/registry-reference.ts";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import { platformOf } from "../plan/image/platform.ts";
import { isImageOf } from "./account.ts";
import type { DockerCommand } from "./leftovers.ts";

/**
 * @param definition the task definition, as far as it is known
 * @throws DeployError `RehearsalImpossible`: no engine answers, or it runs another platform than
 * the tasks
 */
export async function checkEngine(docker: DockerCommand, definition: JsonObject): Promise<void> {
  const engine = await docker("version", "--format", "{{.Server.Os}}/{{.Server.Arch}}");
  if (engine === "")
    throw new DeployError({
      code: "RehearsalImpossible",
      message: "No Docker engine answers on this runner, so no task can be run (docker version).",
      hint:
        "Nothing was built. Rehearse on a runner with Docker, such as ubuntu-latest, or start the " +
        "engine before this step.",
    });
  const needed = platformOf(definition);
  if (needed === undefined || needed === engine) return;
  throw new DeployError({
    code: "RehearsalImpossible",
    message: `The tasks run on ${needed}, and the Docker engine of this runner on ${engine}.`,
    hint: `Nothing was built. ${platformRemedy(needed)}`,
  });
}

/**
 * Images of other containers, which are pulled as they are: without AWS only if the engine has them.
 * @param repository the one that the step builds
 * @throws DeployError `RehearsalImpossible`
 */
export async function checkPrivateImages(
  docker: DockerCommand,
  definition: JsonObject,
  repository: string,
): Promise<void> {
  const images = objectsOf(definition.containerDefinitions).flatMap(
    ({ image }) => stringOf(image) ?? [],
  );
  const missing: string[] = [];
  for (const image of new Set(images)) {
    if (!isPrivate(image) || isImageOf(image, repository)) continue;
    if ((await docker("image", "inspect", "--format", "{{.Id}}", image)) === "")
      missing.push(image);
  }
  if (missing.length === 0) return;
  throw new DeployError({
    code: "RehearsalImpossible",
    message:
      `These images are in a private registry of ECR, which a rehearsal cannot read: ` +
      `${missing.join(", ")}.`,
    hint:
      "Nothing was built. Pull them in an earlier step (an image that the engine has is used), or " +
      "take the containers out with task-definition-patch.",
  });
}

function isPrivate(image: string): boolean {
  return ecrRegistryOf(resolveReference(image).host) !== undefined;
}

function platformRemedy(needed: string): string {
  if (needed === "linux/arm64")
    return "Rehearse on an ARM64 runner, such as ubuntu-24.04-arm, or correct runtimePlatform.";
  if (needed === "linux/amd64")
    return (
      "Rehearse on an x86 runner, such as ubuntu-latest, or set runtimePlatform: " +
      "{cpuArchitecture: ARM64} (with task-definition-patch) if the service runs on ARM64."
    );
  return "A rehearsal runs only Linux tasks.";
}
