// The pre-deploy task with a task definition of its own (`pre-deploy-task-definition`), PURE: which
// containers get the new image, what is registered, and whether it can run.

import { DeployError, type DeployErrorDetails } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import { checkRevision, sourceNotFound } from "./checks.ts";
import type { PlanFinding } from "./findings.ts";
import { deployedReference, type ImagePlan, parseImageReference } from "./image/image.ts";
import { platformOf } from "./image/platform.ts";
import type { Observed } from "./observed.ts";
import { containerNamesOf, quotedList } from "./task-definition/containers.ts";
import type { Change } from "./task-definition/diff.ts";
import { type RevisionDraft, sourceLabel } from "./task-definition/draft.ts";
import { isImagePlaceholder } from "./task-definition/placeholders.ts";
import { applyChanges, planRevision, withImages } from "./task-definition/revision.ts";

type PreDeployObserved = Pick<Observed, "preDeployTaskSource" | "repository" | "schemas">;

const noRevision = { arn: "", definition: {}, tags: [] };
const noVariables = { environment: [], secrets: [] };

/**
 * The definition as far as it is known before the image is. A container whose image comes from a
 * repository of this deployment gets the image that is deployed; all others keep theirs.
 * @returns undefined: the input is not given, or names nothing that exists
 */
export function draftPreDeployTask(
  inputs: Pick<Inputs, "image">,
  { preDeployTaskSource, repository, schemas }: PreDeployObserved,
): RevisionDraft | undefined {
  if (!preDeployTaskSource || "error" in preDeployTaskSource) return undefined;
  const source = preDeployTaskSource.value;
  const isRegistered =
    source.kind === "revision" && source.revision.definition.status !== "INACTIVE";
  const running = isRegistered ? source.revision : noRevision;
  const schema = schemas.taskDefinition;
  const changes = { family: undefined, patch: undefined, tags: [] };
  const base = applyChanges({ source, running, schema }, changes);
  const given = inputs.image?.map(({ reference }) => reference);
  const deployed = given ?? [repository?.uri ?? []].flat();
  const [first] = deployed;
  const containers = Object.keys(newImages(base, deployed));
  const own = { base, variableContainers: [], variables: noVariables };
  const images = Object.fromEntries(containers.map((name) => [name, ""]));
  return {
    ...own,
    source,
    running,
    label: sourceLabel(source),
    containers,
    containerReason: "image of a repository of this deployment",
    repositoryUri: first && parseImageReference(first).repository,
    schema,
    definition: withImages({ ...own, images }),
    problem: undefined,
  };
}

/** By container; a placeholder stands for the image if there is only one. */
function newImages(
  { containerDefinitions }: JsonObject,
  deployed: readonly string[],
): Readonly<Record<string, string>> {
  const found = objectsOf(containerDefinitions).flatMap(({ name, image }) => {
    const reference = newImage(stringOf(image) ?? "", deployed);
    if (reference === undefined) return [];
    return [[stringOf(name) ?? "", reference] as const];
  });
  return Object.fromEntries(found);
}

function newImage(current: string, deployed: readonly string[]): string | undefined {
  if (isImagePlaceholder(current) && deployed.length === 1) return deployed[0];
  const { repository } = parseImageReference(current);
  return deployed.find((reference) => parseImageReference(reference).repository === repository);
}

/** Everything that makes the task impossible, before the image is known. */
export function checkPreDeployTask(inputs: Inputs, observed: Observed): readonly PlanFinding[] {
  const { preDeployTaskSource: lookup } = observed;
  if (lookup && "error" in lookup)
    return [sourceNotFound(lookup.error, "pre-deploy-task-definition")];
  const draft = draftPreDeployTask(inputs, observed);
  if (!draft) return [];
  const { findings, isWellFormed } = checkRevision(
    inputs,
    observed,
    draft,
    knownCapacity(observed),
  );
  const { problem } = commandContainer(inputs, draft);
  if (!isWellFormed || !problem) return findings;
  return [...findings, { severity: "refuse", ...problem }];
}

/** Launch type and capacity; of several services, it is not known yet which one is updated first. */
function knownCapacity({ services: [first, ...others] }: Pick<Observed, "services">): JsonObject {
  if (others.length > 0) return {};
  return first?.observed?.raw ?? {};
}

/** The deployed image must also support the CPU of this task; []: it does not run it. */
export function preDeployPlatforms(inputs: Inputs, observed: Observed): readonly string[] {
  const draft = draftPreDeployTask(inputs, observed);
  if (!draft || draft.containers.length === 0) return [];
  return [platformOf(draft.definition, knownCapacity(observed)) ?? []].flat();
}

/** The container that runs the command, and whose exit code counts. */
function commandContainer(
  { preDeployContainer: requested }: Pick<Inputs, "preDeployContainer">,
  { definition, containers, label }: RevisionDraft,
): { readonly container: string; readonly problem: DeployErrorDetails | undefined } {
  const names = containerNamesOf(definition);
  const [withImage] = containers;
  const container = requested ?? withImage ?? names[0] ?? "";
  const isClear = requested !== undefined || withImage !== undefined || names.length === 1;
  if (isClear && names.includes(container)) return { container, problem: undefined };
  const what =
    requested === undefined ? "several containers:" : `no container "${requested}"; it has`;
  return {
    container,
    problem: {
      code: "ContainerNotFound",
      message: `Task definition ${label} has ${what} ${quotedList(names)}.`,
      hint:
        "Nothing was built or changed. Name in `pre-deploy-container` the container that runs " +
        "the command; its exit code decides.",
    },
  };
}

interface PreDeployTaskPlan {
  /** What RegisterTaskDefinition is sent; undefined: `reuseArn` has the same content already. */
  readonly register: JsonObject | undefined;
  readonly reuseArn: string;
  /** Compared with the given revision; [] if a file is given. */
  readonly changes: readonly Change[];
  readonly container: string;
}

/** @param image with its digest, which is known after the push */
export function planPreDeployTask(
  inputs: Inputs,
  observed: PreDeployObserved,
  image: { readonly plan: ImagePlan; readonly digest: string },
): PreDeployTaskPlan {
  const draft = draftPreDeployTask(inputs, observed);
  if (!draft) throw new DeployError({ code: "Bug", message: "The definition was not read." });
  const images = newImages(draft.base, deployedImages(image.plan, image.digest));
  const planned = planRevision({ ...draft, images });
  const { register, reuse = "" } = planned;
  const changes = draft.running.arn === "" ? [] : planned.changes;
  const { container } = commandContainer(inputs, draft);
  return { register, reuseArn: reuse, changes, container };
}

function deployedImages(plan: ImagePlan, digest: string): readonly string[] {
  if (plan.from === "elsewhere" && plan.byContainer.length > 0)
    return plan.byContainer.map(({ reference }) => reference);
  return [deployedReference(plan, digest)];
}
