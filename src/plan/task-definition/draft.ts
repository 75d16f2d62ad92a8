// The task definition of each service before its image is known, PURE: the checks use it.

import type { ObservedService, ObservedTaskDefinition } from "../../ecs/observed.ts";
import type { ValueSchema } from "../../ecs/request-schema.ts";
import type { DeployErrorDetails } from "../../errors.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { type JsonObject, stringOf } from "../../json.ts";
import { parseImageReference } from "../image/image.ts";
import { definitionSourceOf, type Observed, type ObservedRevision } from "../observed.ts";
import { servicesToCreate, serviceToBe } from "../service/create-express.ts";
import { chooseContainers, containersOf } from "./containers.ts";
import {
  applyChanges,
  type RequestedChanges,
  type TaskDefinitionSource,
  withImages,
} from "./revision.ts";
import type { RequestedVariables } from "./variables.ts";

export interface RevisionDraft {
  /** What the new revision is compared with: that of the service, or the newest of its family. */
  readonly running: ObservedTaskDefinition;
  readonly source: TaskDefinitionSource;
  /** Its name in messages: the file, or the revision. */
  readonly label: string;
  /** These get the image. */
  readonly containers: readonly string[];
  /** These get the variables and secrets. */
  readonly variableContainers: readonly string[];
  /** Why these were chosen, for the debug log. */
  readonly containerReason: string;
  /** The repository of their image; of several images, that of the first. */
  readonly repositoryUri: string | undefined;
  /** The members of a task definition that ECS knows and requires. */
  readonly schema: ValueSchema;
  /** The definition without image and variables. */
  readonly base: JsonObject;
  /** What its containers get besides the image. */
  readonly variables: RequestedVariables;
  /** The whole definition, with an empty image. */
  readonly definition: JsonObject;
  /** Set if no container can be chosen. */
  readonly problem: DeployErrorDetails | undefined;
}

/** Of a service. */
export interface Draft extends RevisionDraft {
  readonly service: ObservedService;
}

/**
 * One for each service that exists, and with `task-definition` one for each that is created;
 * preflight reports the others.
 */
export function draftServices(inputs: Inputs, observed: Observed): readonly Draft[] {
  return [...draftExisting(inputs, observed), ...draftCreated(inputs, observed)];
}

function draftCreated(inputs: Inputs, observed: Observed): readonly Draft[] {
  return servicesToCreate(inputs, observed.services).flatMap((requested) => {
    const given = definitionSourceOf(observed, requested);
    if (!given || "error" in given) return [];
    const service = serviceToBe(requested, observed);
    const running = { arn: "", definition: {}, tags: [] };
    return [draftService(inputs, observed, { service, running, source: given.value })];
  });
}

function draftExisting(inputs: Inputs, observed: Observed): readonly Draft[] {
  return observed.services.flatMap((requested) => {
    const { observed: service } = requested;
    const running = service && observed.taskDefinitions[service.taskDefinitionArn];
    const given = definitionSourceOf(observed, requested);
    if (!running || (given && "error" in given)) return [];
    return [
      draftService(inputs, observed, {
        service,
        running,
        source: given?.value ?? { kind: "revision", revision: running },
      }),
    ];
  });
}

function draftService(
  inputs: Inputs,
  { repository, schemas }: Observed,
  { service, source, running }: Pick<Draft, "service" | "running" | "source">,
): Draft {
  const schema = schemas.taskDefinition;
  const repositoryUri = repositoryOfGiven(inputs) ?? repository?.uri;
  return { service, ...draftOf(inputs, { source, running, schema, repositoryUri }) };
}

/** Of no service. Without `image` its containers keep theirs. */
export function draftRevision(
  inputs: Inputs,
  source: TaskDefinitionSource,
  { newest: running, schemas }: Pick<ObservedRevision, "newest" | "schemas">,
): RevisionDraft {
  const { containerName, environmentVariables, secrets } = inputs;
  const schema = schemas.taskDefinition;
  const repositoryUri = repositoryOfGiven(inputs);
  const draft = draftOf(inputs, { source, running, schema, repositoryUri });
  if (inputs.image !== undefined) return draft;
  const kept = {
    ...draft,
    containers: [],
    definition: withImages({ ...draft, images: {} }),
  };
  if ([containerName, environmentVariables, secrets].some(({ length }) => length > 0)) return kept;
  return { ...kept, variableContainers: [], problem: undefined };
}

/** Of several images, that of the first. */
function repositoryOfGiven({ image }: Inputs): string | undefined {
  const [first] = image ?? [];
  return first && parseImageReference(first.reference).repository;
}

function draftOf(
  inputs: Inputs,
  known: Pick<RevisionDraft, "source" | "running" | "schema" | "repositoryUri">,
): RevisionDraft {
  const { source, running, schema, repositoryUri } = known;
  const requested = requestedChanges(inputs);
  const base = applyChanges({ source, running, schema }, requested);
  const choice = containersOf(inputs);
  const { containers, reason, problem } = chooseContainers(base, {
    repositoryUri,
    ...choice,
    running: running.definition,
  });
  const { variables } = requested;
  const variableContainers = choice.forVariables ?? containers;
  return {
    source,
    running,
    label: sourceLabel(source),
    containers,
    containerReason: reason,
    repositoryUri,
    schema,
    base,
    variables,
    definition: withImages({
      base,
      images: Object.fromEntries(containers.map((name) => [name, ""])),
      variableContainers,
      variables,
    }),
    variableContainers,
    problem,
  };
}

function requestedChanges(inputs: Inputs): RequestedChanges {
  return {
    family: inputs.taskDefinitionFamily,
    patch: inputs.taskDefinitionPatch,
    variables: { environment: inputs.environmentVariables, secrets: inputs.secrets },
    tags: inputs.tags,
  };
}

export function sourceLabel(source: TaskDefinitionSource): string {
  if (source.kind === "file") return source.path;
  const { family, revision } = source.revision.definition;
  return `${stringOf(family) ?? "?"}:${String(revision ?? "?")}`;
}
