// The task definition that each service is to run, before its image is known, PURE: what the checks look at.

import type { DeployErrorDetails } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import { chooseContainers } from "./containers.ts";
import { parseImageReference } from "./image.ts";
import type { ObservedService, ObservedTaskDefinition } from "./observed.ts";
import type { Observed } from "./plan.ts";
import { type AskedChanges, planRevision, type RevisionPlan, type Source } from "./revision.ts";

export interface Draft {
  readonly service: ObservedService;
  readonly running: ObservedTaskDefinition;
  readonly source: Source;
  /** How messages name it: the file, or the revision. */
  readonly label: string;
  readonly containers: readonly string[];
  readonly definition: JsonObject;
  /** No container can be chosen. */
  readonly problem?: DeployErrorDetails;
}

/** One for each service that is there; those that are not, preflight tells of. */
export function draftServices(inputs: Inputs, observed: Observed): readonly Draft[] {
  return observed.services.flatMap(({ observed: service }) => {
    const running = service && observed.taskDefinitions[service.taskDefinitionArn];
    const given = observed.source;
    if (!running || (given && "refused" in given)) return [];
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
  { repository }: Observed,
  known: Pick<Draft, "service" | "running" | "source">,
): Draft {
  const without = planRevision({ ...known, containers: [], image: "", changes: askedChanges(inputs) }).definition;
  const repositoryUri = inputs.image === undefined ? repository?.uri : parseImageReference(inputs.image).repository;
  // In a file the image may be anything; which container comes from the repository, the running revision knows.
  const images = new Map(
    objectsOf(known.running.definition.containerDefinitions).map(({ name, image }) => [name, image]),
  );
  const guess = {
    ...without,
    containerDefinitions: objectsOf(without.containerDefinitions).map((container) => ({
      ...container,
      image: images.get(container.name) ?? container.image,
    })),
  };
  const { containers, problem } = chooseContainers(guess, { repositoryUri, asked: inputs.containerName });
  const { definition } = planRevision({ ...known, containers, image: "", changes: askedChanges(inputs) });
  return { ...known, label: labelOf(known.source), containers, definition, ...(problem && { problem }) };
}

/** The draft with its image. */
export function finishDraft(inputs: Inputs, { source, running, containers }: Draft, image: string): RevisionPlan {
  return planRevision({ source, running, containers, image, changes: askedChanges(inputs) });
}

function askedChanges(inputs: Inputs): AskedChanges {
  return {
    family: inputs.taskDefinitionFamily,
    patch: inputs.taskDefinitionPatch,
    variables: { environment: inputs.environmentVariables, secrets: inputs.secrets },
    tags: inputs.tags,
  };
}

function labelOf(source: Source): string {
  if (source.kind === "file") return source.path;
  const { family, revision } = source.revision.definition;
  return `${stringOf(family) ?? "?"}:${String(revision ?? "?")}`;
}
