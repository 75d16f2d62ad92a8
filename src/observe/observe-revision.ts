// Reads what a revision needs that belongs to no service: its source, the newest one of its family,
// its image, its log groups.

import { collectDeniedReads } from "../aws/access-denied.ts";
import { requestShapes } from "../aws/sdk-schema.ts";
import { parseArn } from "../ecs/arn.ts";
import type { ObservedTaskDefinition } from "../ecs/observed.ts";
import { inspectImage, type RegistryPorts } from "../image/registry.ts";
import type { Inputs } from "../inputs/schema.ts";
import { stringOf } from "../json.ts";
import type { ObservedRevision } from "../plan/observed.ts";
import { draftRevision, type RevisionDraft } from "../plan/task-definition/draft.ts";
import type { TaskDefinitionSource } from "../plan/task-definition/revision.ts";
import { registrableDocument } from "../plan/task-definition/source.ts";
import { collectingRefusals, lookUpSecrets, type ObservedAws } from "./observe.ts";
import { observeDefinitionSource } from "./observe-definition-sources.ts";
import { findTaskDefinition, observeLogGroups } from "./observe-services.ts";

interface RevisionObservation {
  readonly observed: ObservedRevision;
  /** The revision as far as it is known; undefined: its source does not exist. */
  readonly draft: RevisionDraft | undefined;
}

interface RevisionPorts {
  readonly registry: RegistryPorts;
  readonly commit: string;
}

/** @throws DeployError `PermissionMissing` that names every read that the role may not make */
export async function observeRevision(
  inputs: Inputs,
  session: ObservedAws,
  { registry, commit }: RevisionPorts,
): Promise<RevisionObservation> {
  const refusals = collectDeniedReads();
  const { ecs } = collectingRefusals(refusals, session);
  const [given] = inputs.taskDefinition ?? [];
  const [lookup, externalImages] = await Promise.all([
    given && observeDefinitionSource(given, inputs, ecs),
    Promise.all((inputs.image ?? []).map(({ reference }) => inspectImage(reference, registry))),
  ]);
  const source = lookup && "value" in lookup ? lookup.value : undefined;
  const newest = await findNewest(inputs, source, ecs);
  refusals.throwIfDenied();
  const observed: ObservedRevision = {
    region: inputs.awsRegion,
    accountId: session.identity.accountId,
    partition: parseArn(session.identity.arn)?.partition ?? "",
    commit: { sha: commit },
    externalImages,
    source: lookup,
    newest: newest ?? { arn: "", definition: {}, tags: [] },
    logGroups: {},
    secretFindings: [],
    schemas: requestShapes(),
  };
  const draft = source && draftRevision(inputs, source, observed);
  const drafts = draft ? [draft] : [];
  const [logGroups, secretFindings] = await Promise.all([
    observeLogGroups(drafts, observed.region, session.logs),
    lookUpSecrets(drafts, observed, session),
  ]);
  return { observed: { ...observed, logGroups, secretFindings }, draft };
}

/** undefined: the family is new, or is not known. */
async function findNewest(
  { taskDefinitionFamily, taskDefinitionPatch }: Inputs,
  source: TaskDefinitionSource | undefined,
  ecs: ObservedAws["ecs"],
): Promise<ObservedTaskDefinition | undefined> {
  if (!source) return undefined;
  const { family } =
    source.kind === "file" ? registrableDocument(source.document) : source.revision.definition;
  const name = taskDefinitionFamily ?? stringOf(taskDefinitionPatch?.family) ?? stringOf(family);
  if (name === undefined) return undefined;
  return await findTaskDefinition(name, ecs);
}
