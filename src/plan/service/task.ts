// The RunTask of a one-off task (a migration before the update, a clean-up after it), PURE: once,
// with the service's network and capacity.

import type { ObservedService, ObservedTaskDefinition } from "../../ecs/observed.ts";
import { DeployError } from "../../errors.ts";
import { definedOnly, type JsonObject, objectsOf, stringOf } from "../../json.ts";

/** Before the update, or after a successful deployment. */
export type DeployHook = "pre-deploy" | "post-deploy";

interface RunTaskRequest {
  readonly service: ObservedService;
  /** The exact revision, never the family: another run may register a newer one. */
  readonly taskDefinitionArn: string;
  readonly container: string;
  readonly command: readonly string[];
  /** The same for every retry of one call, so that ECS starts one task only. */
  readonly clientToken: string;
  /** The task can be found in ECS by this value. */
  readonly startedBy: string;
}

/**
 * Network, platform version and capacity are the service's: what its tasks can reach (a database
 * that allows only their security group), this task can reach, too.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 */
export function planTaskRun(request: RunTaskRequest): JsonObject {
  const { networkConfiguration, platformVersion } = request.service.raw;
  return {
    cluster: request.service.clusterArn,
    taskDefinition: request.taskDefinitionArn,
    count: 1,
    clientToken: request.clientToken,
    startedBy: request.startedBy,
    propagateTags: "TASK_DEFINITION",
    overrides: { containerOverrides: [{ name: request.container, command: request.command }] },
    ...capacityOf(request.service.raw),
    ...definedOnly({
      networkConfiguration: networkConfiguration || undefined,
      platformVersion: platformVersion || undefined,
    }),
  };
}

/** One of the two or neither (then the cluster has a default): ECS refuses both together. */
function capacityOf({ capacityProviderStrategy, launchType }: JsonObject): JsonObject {
  if (objectsOf(capacityProviderStrategy).length > 0) return { capacityProviderStrategy };
  if (launchType) return { launchType };
  return {};
}

/** @throws DeployError `ContainerNotFound` */
export function chooseTaskContainer(
  definition: JsonObject,
  {
    requested,
    deployed: deployedContainer,
  }: { readonly requested: string | undefined; readonly deployed: string },
): string {
  const names = objectsOf(definition.containerDefinitions).map(({ name }) => stringOf(name) ?? "");
  const name = requested ?? deployedContainer;
  if (names.includes(name)) return name;
  const quotedNames = names.map((one) => `"${one}"`).join(", ");
  throw new DeployError({
    code: "ContainerNotFound",
    message:
      `The task definition has no container "${name}" to run the command in; it has ` +
      `${quotedNames || "none"}.`,
    hint:
      "Nothing was built or changed. Correct `pre-deploy-container`, or omit it: then the " +
      "deployed container runs the command.",
  });
}

interface HookInputs {
  readonly preDeployCommand: readonly string[] | undefined;
  readonly preDeployContainer: string | undefined;
  readonly postDeployCommand: readonly string[] | undefined;
}

interface PlannedService {
  readonly service: ObservedService;
  readonly container: string;
  readonly register?: JsonObject | undefined;
  readonly upToDate: boolean;
}

/** Checked before anything is built: the task runs with the first service that is updated. */
export function assertTaskContainerExists(
  { preDeployCommand, postDeployCommand, preDeployContainer: requested }: HookInputs,
  services: readonly PlannedService[],
  definitions: Readonly<Record<string, ObservedTaskDefinition>>,
): void {
  const first = services.find(({ upToDate }) => !upToDate) ?? services[0];
  if (!first || !(preDeployCommand ?? postDeployCommand)) return;
  const definition = first.register ?? definitions[first.service.taskDefinitionArn]?.definition;
  if (definition) chooseTaskContainer(definition, { requested, deployed: first.container });
}
