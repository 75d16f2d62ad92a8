// The RunTask of a one-off task (a migration before the update, a clean-up after it, a job of its
// own), PURE: once, mostly with a service's network and capacity.

import type { ObservedService, ObservedTaskDefinition } from "../../ecs/observed.ts";
import { DeployError } from "../../errors.ts";
import { definedOnly, type JsonObject, objectsOf } from "../../json.ts";
import { containerNamesOf, quotedList } from "../task-definition/containers.ts";

/** Before the update, to verify the new version, or after a successful deployment. */
export type DeployHook = "pre-deploy" | "verification" | "post-deploy";

/** Of a deployment, or of its own. */
export type TaskMoment = DeployHook | "one-off";

/** Where a task runs, and on what. */
export interface TaskPlace {
  readonly clusterName: string;
  readonly clusterArn: string;
  /** Network, platform version, launch type and capacity, by RunTask's names; others are ignored. */
  readonly settings: JsonObject;
}

/**
 * What the tasks of a service can reach (a database that allows only their security group), a task
 * in its place can reach, too.
 */
export function placeOfService({ clusterName, clusterArn, raw }: ObservedService): TaskPlace {
  return { clusterName, clusterArn, settings: raw };
}

/** A variable that only this task has. */
export interface TaskVariable {
  readonly name: string;
  readonly value: string;
}

interface RunTaskRequest {
  readonly place: TaskPlace;
  /** The exact revision, never the family: another run may register a newer one. */
  readonly taskDefinitionArn: string;
  readonly container: string;
  /** []: the one of the task definition or the image. */
  readonly command: readonly string[];
  readonly environment: readonly TaskVariable[];
  /** The same for every retry of one call, so that ECS starts one task only. */
  readonly clientToken: string;
  /** The task can be found in ECS by this value. */
  readonly startedBy: string;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
export function planTaskRun(request: RunTaskRequest): JsonObject {
  const { clusterArn, settings } = request.place;
  const { networkConfiguration, platformVersion } = settings;
  return {
    cluster: clusterArn,
    taskDefinition: request.taskDefinitionArn,
    count: 1,
    clientToken: request.clientToken,
    startedBy: request.startedBy,
    propagateTags: "TASK_DEFINITION",
    ...capacityOf(settings),
    ...definedOnly({
      overrides: overridesOf(request),
      networkConfiguration: networkConfiguration || undefined,
      platformVersion: platformVersion || undefined,
    }),
  };
}

function overridesOf({ container, command, environment }: RunTaskRequest): JsonObject | undefined {
  if (command.length + environment.length === 0) return undefined;
  const override = {
    name: container,
    ...definedOnly({
      command: command.length > 0 ? command : undefined,
      environment: environment.length > 0 ? environment.map((one) => ({ ...one })) : undefined,
    }),
  };
  return { containerOverrides: [override] };
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
  const names = containerNamesOf(definition);
  const name = requested ?? deployedContainer;
  if (names.includes(name)) return name;
  throw new DeployError({
    code: "ContainerNotFound",
    message:
      `The task definition has no container "${name}" to run the command in; it has ` +
      `${quotedList(names)}.`,
    hint:
      "Nothing was built or changed. Correct `pre-deploy-container`, or omit it: then the " +
      "deployed container runs the command.",
  });
}

interface HookInputs {
  readonly preDeployCommand: readonly string[] | undefined;
  readonly preDeployContainer: string | undefined;
  /** Its container is checked in that definition. */
  readonly preDeployTaskDefinition: unknown;
  readonly postDeployCommand: readonly string[] | undefined;
  readonly verifyCommand: readonly string[] | undefined;
}

interface PlannedService {
  readonly service: ObservedService;
  readonly container: string;
  readonly register?: JsonObject | undefined;
  readonly upToDate: boolean;
}

/** Checked before anything is built: the task runs with the first service that is updated. */
export function assertTaskContainerExists(
  inputs: HookInputs,
  services: readonly PlannedService[],
  definitions: Readonly<Record<string, ObservedTaskDefinition>>,
): void {
  const first = services.find(({ upToDate }) => !upToDate) ?? services[0];
  const { preDeployCommand, postDeployCommand, verifyCommand } = inputs;
  const hasOwnDefinition = inputs.preDeployTaskDefinition !== undefined;
  const before = hasOwnDefinition ? undefined : preDeployCommand;
  const requested = hasOwnDefinition ? undefined : inputs.preDeployContainer;
  if (!first || !(before ?? postDeployCommand ?? verifyCommand)) return;
  const definition = first.register ?? definitions[first.service.taskDefinitionArn]?.definition;
  if (definition) chooseTaskContainer(definition, { requested, deployed: first.container });
}
