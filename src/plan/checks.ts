// Everything that can be known before anything moves, PURE: all findings at once, each with what to do.

import type { ObservedService } from "../ecs/observed.ts";
import type { Inputs } from "../inputs/schema.ts";
import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../json.ts";
import { shellBlock } from "../text/code-block.ts";
import { preflight } from "./check-targets.ts";
import { type Finding, note, refuse, warn } from "./findings.ts";
import type { Observed } from "./observed.ts";
import { checkBreaker, checkService } from "./service/check-service.ts";
import { planSettings } from "./service/service-settings.ts";
import { checkDefinition } from "./task-definition/check-definition.ts";
import { unknownContainers } from "./task-definition/containers.ts";
import type { Draft } from "./task-definition/draft.ts";
import { isTemplate } from "./task-definition/placeholders.ts";
import { compareWithShape } from "./task-definition/schema-check.ts";
import { registrableRevision } from "./task-definition/source.ts";
import { missingRemovals } from "./task-definition/variables.ts";

export function checkEverything(
  inputs: Inputs,
  observed: Observed,
  drafts: readonly Draft[],
): readonly Finding[] {
  return [
    ...checkPlaces(inputs, observed),
    ...checkSource(observed),
    ...checkNames(inputs, drafts),
    ...drafts.flatMap((draft) =>
      draft.problem && inputs.containerName.length === 0
        ? [{ severity: "refuse" as const, ...draft.problem }]
        : [],
    ),
    ...checkConfiguration(inputs, observed),
    ...drafts.flatMap((draft) => checkDraft(inputs, observed, draft)),
  ];
}

/** Cluster, service, controller, repository. */
export function checkPlaces(inputs: Inputs, observed: Observed): readonly Finding[] {
  const { clusters } = observed;
  const statusOf = "value" in clusters ? clusters.value : {};
  const bad = Object.entries(statusOf).filter(([, status]) => status !== "ACTIVE");
  const missing = new Set(bad.map(([name]) => name));
  const needed = inputs.image === undefined && !inputs.rollback && inputs.to === undefined;
  return [
    ...bad.map(([name, status]) => badCluster(name, status, observed.region)),
    ...preflight({
      place: observed,
      repositoryName: needed ? inputs.ecrRepository : undefined,
      repository: observed.repository,
      services: observed.services.filter(({ cluster }) => !missing.has(cluster)),
    }).map((problem) => ({ severity: "refuse" as const, ...problem })),
    ...("refused" in clusters
      ? [
          {
            severity: "not-checked" as const,
            what: "whether the cluster is ACTIVE",
            why: clusters.refused,
          },
        ]
      : []),
  ];
}

function badCluster(name: string, status: string, region: string): Finding {
  return refuse(
    "ClusterNotFound",
    status === "MISSING"
      ? `There is no cluster "${name}" in ${region}.`
      : `Cluster "${name}" is ${status}, not ACTIVE.`,
    "Nothing was built or changed. Check `cluster`, `aws-region` and the account of the role.",
  );
}

function checkSource({ source }: Observed): readonly Finding[] {
  if (!source || "value" in source) return [];
  return [
    refuse(
      "TaskDefinitionNotFound",
      source.refused,
      "Nothing was built or changed. Check `task-definition`: a file's path, a family, `family:revision` or an ARN; and aws-region.",
    ),
  ];
}

/** A name that one of several services does not have is none of its own; a name that none has is a mistake. */
function checkNames(inputs: Inputs, drafts: readonly Draft[]): readonly Finding[] {
  const { containerName } = inputs;
  if (containerName.length === 0 || drafts.length === 0) return [];
  const lost = unknownContainers(
    drafts.map(({ definition }) => definition),
    containerName,
  );
  const without = drafts.filter(({ problem }) => problem);
  if (without.length > 0)
    return without.flatMap(({ problem }) =>
      problem ? [{ severity: "refuse" as const, ...problem }] : [],
    );
  return lost.map((name) =>
    refuse(
      "ContainerNotFound",
      `No task definition of this deployment has a container "${name}".`,
      "Correct `container-name`, or leave it out.",
    ),
  );
}

function checkConfiguration(
  { deploymentConfiguration }: Inputs,
  { shapes }: Observed,
): readonly Finding[] {
  if (!deploymentConfiguration) return [];
  const { unknown, mistyped } = compareWithShape(
    deploymentConfiguration,
    shapes.deploymentConfiguration,
  );
  return [
    ...mistyped.map(({ path, problem }) =>
      refuse("InvalidInput", `Input deployment-configuration: ${path}: ${problem}`),
    ),
    ...unknown.map(({ path, nearest }) =>
      note(
        `deployment-configuration: "${path}" is not a member that this action knows${nearest === undefined ? "." : `, did you mean "${nearest}"?`} It is sent as it is.`,
      ),
    ),
  ];
}

function checkDraft(inputs: Inputs, observed: Observed, draft: Draft): readonly Finding[] {
  const { definition, label, service, source, running } = draft;
  const registered = [running, ...(source.kind === "revision" ? [source.revision] : [])].map(
    registrableRevision,
  );
  const { findings, isReadable } = checkDefinition({
    ...draft,
    registered,
    place: observed,
    onFargate: runsOnFargate(service, definition),
  });
  if (!isReadable) return findings;
  const settings = planSettings(service, inputs);
  return [
    ...findings,
    ...checkRemovals(inputs, draft),
    ...checkLogGroups(observed, definition, label),
    ...checkService({
      service,
      definition,
      running: running.definition,
      settings,
      inputs,
      shapes: observed.shapes,
    }),
    ...checkBreaker(service, observed.history[service.arn]),
  ];
}

function checkRemovals(
  inputs: Inputs,
  { running, source, containers, label }: Draft,
): readonly Finding[] {
  const base: JsonObject = source.kind === "file" ? source.document : running.definition;
  const wrapped = isJsonObject(base.taskDefinition) ? base.taskDefinition : base;
  const chosen = objectsOf(wrapped.containerDefinitions).filter(({ name }) =>
    containers.includes(stringOf(name) ?? ""),
  );
  const asked = { environment: inputs.environmentVariables, secrets: inputs.secrets };
  const missing = chosen.flatMap((container) => missingRemovals(container, asked));
  return missing.length === 0
    ? []
    : [warn(`${label}: ${missing.join(", ")} should be taken away, but is not there.`)];
}

/** A group that is missing lets every task fail to start; unless the driver may create it. */
function checkLogGroups(
  { logGroups, region }: Observed,
  definition: JsonObject,
  label: string,
): readonly Finding[] {
  return awslogsGroups(definition, region).flatMap(({ container, group }) => {
    const looked = logGroups[group];
    if (!looked) return [];
    if ("refused" in looked)
      return [
        {
          severity: "not-checked" as const,
          what: `whether the log group ${group} exists`,
          why: looked.refused,
        },
      ];
    if (looked.value) return [];
    return [
      refuse(
        "LogGroupMissing",
        `${label}: containerDefinitions[${container}] logs to ${group}, but there is no such log group in ${region}.`,
        `Nothing was built or changed. Create it:\n${shellBlock("aws logs create-log-group", `--region ${region}`, `--log-group-name ${group}`)}\nOr let the tasks create it: the log option "awslogs-create-group": "true" (the execution role then needs logs:CreateLogGroup).`,
      ),
    ];
  });
}

/** Groups in this region that must be there when a task starts. */
export function awslogsGroups(
  definition: JsonObject,
  region: string,
): readonly { readonly container: string; readonly group: string }[] {
  return objectsOf(definition.containerDefinitions).flatMap(({ name, logConfiguration }) => {
    if (!isJsonObject(logConfiguration) || logConfiguration.logDriver !== "awslogs") return [];
    const options = isJsonObject(logConfiguration.options) ? logConfiguration.options : {};
    const group = stringOf(options["awslogs-group"]);
    const elsewhere = (stringOf(options["awslogs-region"]) ?? region) !== region;
    if (
      group === undefined ||
      isTemplate(group) ||
      elsewhere ||
      stringOf(options["awslogs-create-group"]) === "true"
    )
      return [];
    return [{ container: stringOf(name) ?? "?", group }];
  });
}

function runsOnFargate({ raw }: ObservedService, { requiresCompatibilities }: JsonObject): boolean {
  const providers = objectsOf(raw.capacityProviderStrategy).map(
    ({ capacityProvider }) => stringOf(capacityProvider) ?? "",
  );
  return (
    raw.launchType === "FARGATE" ||
    providers.some((provider) => provider.startsWith("FARGATE")) ||
    (Array.isArray(requiresCompatibilities) && requiresCompatibilities.includes("FARGATE"))
  );
}
