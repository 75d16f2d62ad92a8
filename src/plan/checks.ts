// Everything that can be checked before anything changes, PURE: all findings at once, each with a
// remedy.

import { shortRevision } from "../ecs/arn.ts";
import type { Inputs } from "../inputs/schema.ts";
import { isJsonObject, type JsonObject, objectOf, objectsOf, stringOf } from "../json.ts";
import { shellBlock } from "../text/code-block.ts";
import { checkTargets, type RequestedService } from "./check-targets.ts";
import { blockingFinding, logOnly, type PlanFinding, warning } from "./findings.ts";
import { definitionSourceOf, type Observed } from "./observed.ts";
import { checkRollbackRevision, checkService } from "./service/check-service.ts";
import { checkCreation, servicesToCreate } from "./service/create-express.ts";
import { checkServicePatch, movesToEcs } from "./service/service-patch.ts";
import { planSettings } from "./service/service-settings.ts";
import { type CheckedDefinition, checkDefinition } from "./task-definition/check-definition.ts";
import {
  compareContainers,
  containerRemedies,
  containersOf,
} from "./task-definition/containers.ts";
import type { Draft, RevisionDraft } from "./task-definition/draft.ts";
import { isTemplate } from "./task-definition/placeholders.ts";
import { registrableRevision } from "./task-definition/source.ts";
import { missingRemovals } from "./task-definition/variables.ts";

export function checkDrafts(
  inputs: Inputs,
  observed: Observed,
  drafts: readonly Draft[],
): readonly PlanFinding[] {
  return [
    ...checkTargetsExist(inputs, observed),
    ...checkCreation(inputs, observed),
    ...checkSources(inputs, observed),
    ...checkContainerNames(inputs, drafts),
    ...drafts.flatMap((draft) => {
      if (!draft.problem || containersOf(inputs).requested.length > 0) return [];
      return [{ severity: "refuse" as const, ...draft.problem }];
    }),
    ...checkServicePatch(inputs.servicePatch, observed.schemas),
    ...drafts.flatMap((draft) => checkDraft(inputs, observed, draft)),
    ...observed.secretFindings,
  ];
}

/** What the targets are checked by. */
export type TargetsObserved = Pick<
  Observed,
  "region" | "accountId" | "partition" | "clusters" | "services" | "repository" | "templateError"
>;

/** Cluster, service, controller, repository. */
export function checkTargetsExist(
  inputs: Inputs,
  observed: TargetsObserved,
): readonly PlanFinding[] {
  const { clusters } = observed;
  const statusOf = "value" in clusters ? clusters.value : {};
  const created = servicesToCreate(inputs, observed.services);
  const inactive = Object.entries(statusOf).filter(
    ([name, status]) => status !== "ACTIVE" && !isCreatedByEcs(name, created),
  );
  const missing = new Set(inactive.map(([name]) => name));
  const needsRepository = inputs.image === undefined && !inputs.rollback && inputs.to === undefined;
  return [
    ...inactive.map(([name, status]) => inactiveCluster(name, status, observed.region)),
    ...checkTargets({
      location: observed,
      repositoryName: needsRepository ? inputs.ecrRepository : undefined,
      repository: observed.repository,
      templateError: observed.templateError,
      movesToEcs: (service) => movesToEcs(service, inputs.servicePatch),
      services: observed.services.filter(
        (service) => !missing.has(service.cluster) && !created.includes(service),
      ),
    }).map((problem) => ({ severity: "refuse" as const, ...problem })),
    ...("error" in clusters
      ? [
          {
            severity: "not-checked" as const,
            what: "whether the cluster is ACTIVE",
            why: clusters.error,
          },
        ]
      : []),
  ];
}

/** With the first Express Mode service ECS creates the cluster `default`. */
function isCreatedByEcs(cluster: string, created: readonly RequestedService[]): boolean {
  return cluster === "default" && created.some((service) => service.cluster === cluster);
}

export function inactiveCluster(name: string, status: string, region: string): PlanFinding {
  return blockingFinding(
    "ClusterNotFound",
    status === "MISSING"
      ? `There is no cluster "${name}" in ${region}.`
      : `Cluster "${name}" is ${status}, not ACTIVE.`,
    "Nothing was built or changed. Check `cluster`, `aws-region` and the account of the role.",
  );
}

/** With a line per service, a service without one is named: it may be forgotten. */
function checkSources({ taskDefinition = [] }: Inputs, observed: Observed): readonly PlanFinding[] {
  return observed.services.flatMap((requested): readonly PlanFinding[] => {
    const source = definitionSourceOf(observed, requested);
    if (source && "error" in source) return [sourceNotFound(source.error)];
    if (source || taskDefinition.length === 0 || !requested.observed) return [];
    const running = shortRevision(requested.observed.taskDefinitionArn);
    return [
      logOnly(`${requested.name} has no line in task-definition: it is based on ${running}.`),
    ];
  });
}

export function sourceNotFound(
  error: string,
  input: "task-definition" | "pre-deploy-task-definition" = "task-definition",
): PlanFinding {
  return blockingFinding(
    "TaskDefinitionNotFound",
    error,
    `Nothing was built or changed. Check \`${input}\`: a file's path, a family, ` +
      "`family:revision` or an ARN; and aws-region.",
  );
}

/**
 * A container name may be missing in some of several services; a name that none of them has is a
 * mistake.
 */
export function checkContainerNames(
  inputs: Inputs,
  drafts: readonly RevisionDraft[],
): readonly PlanFinding[] {
  const { requested, input, forVariables = [] } = containersOf(inputs);
  if (requested.length === 0 || drafts.length === 0) return [];
  const definitions = drafts.map(({ definition }) => definition);
  const withoutContainer = drafts.filter(({ problem }) => problem);
  if (withoutContainer.length > 0)
    return withoutContainer.flatMap(({ problem }) => {
      if (problem) return [{ severity: "refuse" as const, ...problem }];
      return [];
    });
  return [
    ...unknownNames(requested, input, definitions),
    ...unknownNames(forVariables, "container-name", definitions),
  ];
}

function unknownNames(
  requested: readonly string[],
  input: keyof typeof containerRemedies,
  definitions: readonly JsonObject[],
): readonly PlanFinding[] {
  const { unknown, known } = compareContainers(definitions, requested);
  return unknown.map((name) =>
    blockingFinding(
      "ContainerNotFound",
      `No task definition of this deployment has a container "${name}"; they have ${known}.`,
      containerRemedies[input],
    ),
  );
}

function checkDraft(inputs: Inputs, observed: Observed, draft: Draft): readonly PlanFinding[] {
  const { definition, service, running } = draft;
  const { findings, isWellFormed } = checkRevision(inputs, observed, draft, service.raw);
  if (!isWellFormed) return findings;
  const settings = planSettings(service, inputs);
  return [
    ...findings,
    ...checkService({
      service,
      definition,
      running: running.definition,
      settings,
      inputs,
      shapes: observed.schemas,
      gateway: observed.gateways[service.arn],
    }),
    ...checkRollbackRevision(service, observed.history[service.arn]),
  ];
}

/** @param place launch type and capacity of its tasks, as the service or RunTask has them */
export function checkRevision(
  inputs: Inputs,
  observed: Pick<Observed, "region" | "accountId" | "partition" | "logGroups">,
  draft: RevisionDraft,
  place: JsonObject,
): CheckedDefinition {
  const { definition, label, source, running } = draft;
  const registered = [running, ...(source.kind === "revision" ? [source.revision] : [])].map(
    registrableRevision,
  );
  const { findings, isWellFormed } = checkDefinition({
    ...draft,
    registered,
    location: observed,
    onFargate: runsOnFargate(place, definition),
  });
  if (!isWellFormed) return { findings, isWellFormed };
  return {
    findings: [
      ...findings,
      ...checkRemovals(inputs, draft),
      ...checkLogGroupsExist(observed, definition, label),
    ],
    isWellFormed,
  };
}

function checkRemovals(
  inputs: Inputs,
  { running, source, variableContainers, label }: RevisionDraft,
): readonly PlanFinding[] {
  const base: JsonObject = source.kind === "file" ? source.document : running.definition;
  const wrapped = isJsonObject(base.taskDefinition) ? base.taskDefinition : base;
  const chosen = objectsOf(wrapped.containerDefinitions).filter(({ name }) =>
    variableContainers.includes(stringOf(name) ?? ""),
  );
  const requested = { environment: inputs.environmentVariables, secrets: inputs.secrets };
  const missing = chosen.flatMap((container) => missingRemovals(container, requested));
  if (missing.length === 0) return [];
  return [warning(`${label}: ${missing.join(", ")} should be removed, but does not exist.`)];
}

/** If a log group is missing, every task fails to start, unless the driver may create it. */
function checkLogGroupsExist(
  { logGroups, region }: Pick<Observed, "logGroups" | "region">,
  definition: JsonObject,
  label: string,
): readonly PlanFinding[] {
  return awslogsGroups(definition, region).flatMap(({ container, group }) => {
    const lookup = logGroups[group];
    if (!lookup) return [];
    if ("error" in lookup)
      return [
        {
          severity: "not-checked" as const,
          what: `whether the log group ${group} exists`,
          why: lookup.error,
        },
      ];
    if (lookup.value) return [];
    const createGroup = shellBlock(
      "aws logs create-log-group",
      `--region ${region}`,
      `--log-group-name ${group}`,
    );
    return [
      blockingFinding(
        "LogGroupMissing",
        `${label}: containerDefinitions[${container}] logs to ${group}, but there is no such ` +
          `log group in ${region}.`,
        `Nothing was built or changed. Create it:\n${createGroup}\n` +
          'Or let the tasks create it: the log option "awslogs-create-group": "true" (the execution ' +
          "role then needs logs:CreateLogGroup).",
      ),
    ];
  });
}

/** Log groups in this region that must exist when a task starts. */
export function awslogsGroups(
  definition: JsonObject,
  region: string,
): readonly { readonly container: string; readonly group: string }[] {
  return objectsOf(definition.containerDefinitions).flatMap(({ name, logConfiguration }) => {
    if (!isJsonObject(logConfiguration) || logConfiguration.logDriver !== "awslogs") return [];
    const options = objectOf(logConfiguration.options);
    const group = stringOf(options["awslogs-group"]);
    const isOtherRegion = (stringOf(options["awslogs-region"]) ?? region) !== region;
    if (
      group === undefined ||
      isTemplate(group) ||
      isOtherRegion ||
      stringOf(options["awslogs-create-group"]) === "true"
    )
      return [];
    return [{ container: stringOf(name) ?? "?", group }];
  });
}

function runsOnFargate(
  { launchType, capacityProviderStrategy }: JsonObject,
  { requiresCompatibilities }: JsonObject,
): boolean {
  const providers = objectsOf(capacityProviderStrategy).map(
    ({ capacityProvider }) => stringOf(capacityProvider) ?? "",
  );
  return (
    launchType === "FARGATE" ||
    providers.some((provider) => provider.startsWith("FARGATE")) ||
    (Array.isArray(requiresCompatibilities) && requiresCompatibilities.includes("FARGATE"))
  );
}
