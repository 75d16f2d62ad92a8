// The plan of a revision that belongs to no service, PURE.

import { asDeployError, DeployError, type DeployErrorDetails } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { JsonObject } from "../json.ts";
import { toSingleError } from "./check-targets.ts";
import { checkContainerNames, checkRevision, sourceNotFound } from "./checks.ts";
import {
  blockingFinding,
  blockingProblems,
  distinctFindings,
  type PlanFinding,
} from "./findings.ts";
import { planExternalImages } from "./image/external-image.ts";
import type { ImagePlan } from "./image/image.ts";
import { platformOf } from "./image/platform.ts";
import type { ObservedRevision } from "./observed.ts";
import { imagesFor } from "./plan-deploy.ts";
import type { Change } from "./task-definition/diff.ts";
import type { RevisionDraft } from "./task-definition/draft.ts";
import { planRevision } from "./task-definition/revision.ts";

export interface RegisterPlan {
  readonly draft: RevisionDraft;
  /** The whole definition. */
  readonly definition: JsonObject;
  /** What RegisterTaskDefinition is sent; undefined: `reuseArn` has the same content already. */
  readonly register: JsonObject | undefined;
  readonly reuseArn: string;
  /** Compared with the newest revision of the family; [] if there is none. */
  readonly changes: readonly Change[];
  /** undefined: the containers keep their images. */
  readonly image: ImagePlan | undefined;
  readonly findings: readonly PlanFinding[];
}

/**
 * @param draft undefined: the source does not exist
 * @param place launch type and capacity of its tasks, as far as they are known
 * @throws DeployError with everything that makes it impossible
 */
export function planRegister(
  inputs: Inputs,
  observed: ObservedRevision,
  draft: RevisionDraft | undefined,
  place: JsonObject = {},
): RegisterPlan {
  const checked = draft
    ? checkForRegistration(inputs, observed, draft, place)
    : checkSource(observed);
  const { image, problem } = planGivenImage(inputs, observed, draft, place);
  const findings = distinctFindings([...checked, ...observed.secretFindings]);
  const error = toSingleError([...blockingProblems(findings), ...(problem ? [problem] : [])]);
  if (error) throw error;
  if (!draft)
    throw new DeployError({ code: "Bug", message: "The task definition was not looked up." });
  const given = image && { plan: image, digest: image.existing?.digest };
  const images = given ? imagesFor(draft.containers, given) : {};
  const planned = planRevision({ ...draft, images });
  const { definition, register, reuse = "" } = planned;
  const changes = observed.newest.arn === "" ? [] : planned.changes;
  return { draft, definition, register, reuseArn: reuse, changes, image, findings };
}

function checkSource({ source }: ObservedRevision): readonly PlanFinding[] {
  if (!source || "value" in source) return [];
  return [sourceNotFound(source.error)];
}

function checkForRegistration(
  inputs: Inputs,
  observed: ObservedRevision,
  draft: RevisionDraft,
  place: JsonObject,
): readonly PlanFinding[] {
  const { problem, repositoryUri } = draft;
  // Where no image is given, that of every container must be one.
  const containers = repositoryUri === undefined ? [] : draft.containers;
  return [
    ...checkContainerNames(inputs, [draft]),
    ...(problem && inputs.containerName.length === 0
      ? [blockingFinding(problem.code, problem.message, problem.hint)]
      : []),
    ...checkRevision(inputs, observed, { ...draft, containers }, place).findings,
  ];
}

function planGivenImage(
  inputs: Inputs,
  { externalImages }: ObservedRevision,
  draft: RevisionDraft | undefined,
  place: JsonObject,
): { readonly image?: ImagePlan; readonly problem?: DeployErrorDetails } {
  if (inputs.image === undefined) return {};
  const platform = draft && platformOf(draft.definition, place);
  const taskPlatforms = [platform ?? []].flat();
  try {
    const view = { externalImages, taskPlatforms };
    return { image: planExternalImages(inputs, inputs.image, view) };
  } catch (error) {
    const { code, message, hint } = asDeployError(error);
    return { problem: { code, message, hint } };
  }
}
