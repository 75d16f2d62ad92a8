// RegisterTaskDefinition, DescribeTaskDefinition, DeregisterTaskDefinition, ListTaskDefinitions.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definitions.html

import type {
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  TaskDefinition,
} from "@aws-sdk/client-ecs";
import type { CallContext } from "../contract.ts";
import { clientException } from "./errors.ts";
import { arn, parseTaskDefinition } from "./identifiers.ts";
import { findTaskDefinition } from "./lookup.ts";
import { page } from "./paging.ts";
import { refuseReservedTags, refuseTaskDefinition } from "./registration-rules.ts";
import type { EcsState, TaskDefinitionState } from "./state.ts";
import { compatibilities, requiredAttributes, withDefaults } from "./task-definition-defaults.ts";

export function taskDefinitionOperations(world: EcsState) {
  return {
    RegisterTaskDefinition(
      input: RegisterTaskDefinitionRequest,
      context: CallContext,
    ): RegisterTaskDefinitionResponse {
      const reserved = refuseReservedTags(input);
      if (reserved) throw reserved;
      return registerTaskDefinition(world, input, context.principal.arn);
    },
    DescribeTaskDefinition(input: DescribeTaskDefinitionRequest): DescribeTaskDefinitionResponse {
      const found = findTaskDefinition(world, input.taskDefinition ?? "");
      if (!found) throw clientException("Unable to describe task definition.");
      const tags = input.include?.includes("TAGS") ? { tags: [...found.tags] } : {};
      return { taskDefinition: taskDefinitionView(found), ...tags };
    },
    DeregisterTaskDefinition(
      input: DeregisterTaskDefinitionRequest,
    ): DeregisterTaskDefinitionResponse {
      const reference = input.taskDefinition ?? "";
      if (parseTaskDefinition(reference).revision === undefined)
        throw clientException("Revision is missing.");
      const found = findTaskDefinition(world, reference);
      if (!found) throw clientException("The specified task definition does not exist.");
      found.status = "INACTIVE";
      found.deregisteredAt ??= world.clock.now();
      return { taskDefinition: taskDefinitionView(found) };
    },
    ListTaskDefinitions: (input: ListTaskDefinitionsRequest) => list(world, input),
  };
}

/** Every call creates a new revision, even if nothing changed. */
export function registerTaskDefinition(
  world: EcsState,
  input: RegisterTaskDefinitionRequest,
  registeredBy: string,
): RegisterTaskDefinitionResponse {
  const refusal = refuseTaskDefinition(input);
  if (refusal && !world.takesAnyTaskDefinition) throw refusal;
  const family = input.family ?? "";
  const revisions = world.families.get(family) ?? [];
  const revision = revisions.length + 1;
  const state: TaskDefinitionState = {
    arn: arn(world, `task-definition/${family}:${revision}`),
    family,
    revision,
    definition: { ...withDefaults(input), compatibilities: compatibilities(input) },
    tags: input.tags ?? [],
    requiresAttributes: requiredAttributes(input),
    registeredAt: world.clock.now(),
    registeredBy,
    status: "ACTIVE",
  };
  world.families.set(family, [...revisions, state]);
  return {
    taskDefinition: taskDefinitionView(state),
    ...(input.tags ? { tags: [...state.tags] } : {}),
  };
}

/** Tags are returned beside the task definition, never in it. */
function taskDefinitionView(state: TaskDefinitionState): TaskDefinition {
  return {
    ...structuredClone(state.definition),
    taskDefinitionArn: state.arn,
    revision: state.revision,
    status: state.status,
    requiresAttributes: [...state.requiresAttributes],
    registeredAt: new Date(state.registeredAt),
    registeredBy: state.registeredBy,
    ...(state.deregisteredAt === undefined
      ? {}
      : { deregisteredAt: new Date(state.deregisteredAt) }),
  };
}

function list(world: EcsState, input: ListTaskDefinitionsRequest): ListTaskDefinitionsResponse {
  const families = [...world.families.keys()]
    .filter((family) => !input.familyPrefix || family === input.familyPrefix)
    .sort();
  const arns = families
    .flatMap((family) => world.families.get(family) ?? [])
    .filter((one) => one.status === (input.status ?? "ACTIVE"))
    .map((one) => one.arn);
  const { items, nextToken } = page(
    input.sort === "DESC" ? arns.reverse() : arns,
    input.maxResults ?? 100,
    input.nextToken,
  );
  return { taskDefinitionArns: [...items], ...(nextToken ? { nextToken } : {}) };
}
