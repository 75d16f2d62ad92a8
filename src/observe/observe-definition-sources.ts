// Reads what `task-definition` and `pre-deploy-task-definition` name.

import type { Lookup } from "../ecs/observed.ts";
import { isRollback } from "../inputs/is-rollback.ts";
import { requestedServices, taskDefinitionFor } from "../inputs/requested-services.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { DefinitionSource, TaskDefinitionInput } from "../inputs/task-definition-parsers.ts";
import type { Observed } from "../plan/observed.ts";
import type { TaskDefinitionSource } from "../plan/task-definition/revision.ts";
import { type EcsClient, findTaskDefinition } from "./observe-services.ts";

/** The files and revisions that `task-definition` names, by service; each is read once. */
export async function observeTaskDefinitionSources(
  inputs: Inputs,
  ecs: EcsClient,
): Promise<Observed["taskDefinitionSources"]> {
  if (!inputs.taskDefinition || isRollback(inputs)) return {};
  const reads = new Map<TaskDefinitionInput, ReturnType<typeof observeDefinitionSource>>();
  const found = requestedServices(inputs).map(async (place) => {
    const given = taskDefinitionFor(place, inputs);
    if (!given) return [];
    const read = reads.get(given) ?? observeDefinitionSource(given, inputs, ecs);
    reads.set(given, read);
    return [[`${place.cluster}/${place.name}`, await read] as const];
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}

/** What `pre-deploy-task-definition` names; a rollback runs no migration. */
export async function observePreDeployTaskSource(
  inputs: Inputs,
  ecs: EcsClient,
): Promise<Observed["preDeployTaskSource"]> {
  if (!inputs.preDeployTaskDefinition || isRollback(inputs)) return undefined;
  return observeDefinitionSource(inputs.preDeployTaskDefinition, inputs, ecs);
}

/** The file or revision that one line names. */
export async function observeDefinitionSource(
  given: DefinitionSource,
  { awsRegion }: Pick<Inputs, "awsRegion">,
  ecs: EcsClient,
): Promise<Lookup<TaskDefinitionSource>> {
  if ("path" in given)
    return { value: { kind: "file", path: given.path, document: given.document ?? {} } };
  const revision = await findTaskDefinition(given.revision, ecs);
  if (revision) return { value: { kind: "revision", revision } };
  return { error: `There is no task definition "${given.revision}" in ${awsRegion}.` };
}
