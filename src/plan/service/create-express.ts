// The plan of a service that does not exist yet, PURE: the one CreateExpressGatewayService.

import type { ObservedService } from "../../ecs/observed.ts";
import type { RequestedImage } from "../../inputs/image-parsers.ts";
import { isRollback } from "../../inputs/is-rollback.ts";
import type { Inputs } from "../../inputs/schema.ts";
import {
  definedOnly,
  type JsonObject,
  type JsonValue,
  numberOf,
  objectOf,
  objectsOf,
  stringOf,
} from "../../json.ts";
import type { RequestedService } from "../check-targets.ts";
import { blockingFinding, logOnly, nothingChanged, type PlanFinding } from "../findings.ts";
import { definitionSourceOf, type Observed } from "../observed.ts";
import type { ServicePlan } from "../service-plan.ts";
import { checkAgainstSchema } from "../task-definition/schema-check.ts";
import { changeTags, changeVariables } from "../task-definition/variables.ts";

/** The services that this run creates. */
export function servicesToCreate(
  inputs: Inputs,
  services: readonly RequestedService[],
): readonly RequestedService[] {
  if (!inputs.express || isRollback(inputs)) return [];
  return services.filter(({ observed }) => !observed || observed.status === "INACTIVE");
}

/** The created services that get no task definition of their own. */
export function createdWithoutDefinition(
  inputs: Inputs,
  observed: Pick<Observed, "services" | "taskDefinitionSources">,
): readonly RequestedService[] {
  return servicesToCreate(inputs, observed.services).filter(
    (requested) => !definitionSourceOf(observed, requested),
  );
}

/** No status of ECS. */
const absentStatus = "MISSING";

/** A service before it exists: there is nothing to keep, and nothing to roll back to. */
export function serviceToBe(
  { cluster, name }: RequestedService,
  { region, accountId, partition }: Pick<Observed, "region" | "accountId" | "partition">,
): ObservedService {
  const place = `arn:${partition}:ecs:${region}:${accountId}`;
  return {
    name,
    arn: `${place}:service/${cluster}/${name}`,
    clusterArn: `${place}:cluster/${cluster}`,
    clusterName: cluster,
    status: absentStatus,
    controller: "ECS",
    desiredCount: 1,
    runningCount: 0,
    pendingCount: 0,
    taskDefinitionArn: "",
    deploymentConfiguration: {},
    deployments: [],
    events: [],
    // ECS chooses the default network where `express` names none.
    raw: {
      resourceManagementType: "ECS",
      networkConfiguration: { awsvpcConfiguration: { assignPublicIp: "ENABLED" } },
    },
  };
}

/**
 * @param image the reference that the container gets; undefined: the service gets a task definition
 * of its own
 */
export function planCreation(
  inputs: Inputs,
  service: ObservedService,
  image: string | undefined,
): ServicePlan {
  return {
    service,
    container: "Main",
    previousTaskDefinitionArn: "",
    reuseArn: "",
    changes: [],
    settings: {
      deploymentConfiguration: {},
      members: {},
      configurationManagedByEcs: true,
      forceNewDeployment: false,
      changed: true,
    },
    upToDate: false,
    create: createRequest(inputs, service, image),
  };
}

/** Of a service that gets a task definition of its own; undefined: it exists. */
export function createRequestOf(inputs: Inputs, service: ObservedService): JsonObject | undefined {
  if (service.status !== absentStatus) return undefined;
  return createRequest(inputs, service, undefined);
}

/**
 * Members that the inputs own, over those of `express`. Without a task definition of its own the
 * service gets the container from here.
 */
function createRequest(
  { express = {}, environmentVariables: environment, secrets, tags }: Inputs,
  { name, clusterName }: ObservedService,
  image: string | undefined,
): JsonObject {
  const allTags = changeTags(objectsOf(express.tags), tags);
  return {
    ...express,
    serviceName: name,
    cluster: clusterName,
    ...definedOnly({
      primaryContainer: primaryContainer(express, image, { environment, secrets }),
      tags: allTags.length > 0 ? [...allTags] : undefined,
    }),
  };
}

function primaryContainer(
  express: JsonObject,
  image: string | undefined,
  variables: Pick<Inputs, "secrets"> & { readonly environment: Inputs["environmentVariables"] },
): JsonObject | undefined {
  if (image === undefined) return undefined;
  return changeVariables({ ...objectOf(express.primaryContainer), image }, variables);
}

/** What ECS registers for the services that get no task definition of their own, without image. */
export function createdDefinitions(
  inputs: Inputs,
  observed: Pick<Observed, "services" | "taskDefinitionSources">,
): readonly { readonly label: string; readonly definition: JsonObject }[] {
  const { express = {}, environmentVariables: environment, secrets } = inputs;
  const { executionRoleArn } = express;
  const container = { ...primaryContainer(express, "", { environment, secrets }), name: "Main" };
  const definition = definedOnly({ executionRoleArn, containerDefinitions: [container] });
  return createdWithoutDefinition(inputs, observed).map(({ name }) => ({
    label: name,
    definition,
  }));
}

/** Of the services that get no task definition of their own: Linux always, X86_64 by default. */
export function createdPlatforms(
  inputs: Inputs,
  observed: Pick<Observed, "services" | "taskDefinitionSources">,
): readonly string[] {
  if (createdWithoutDefinition(inputs, observed).length === 0) return [];
  if (inputs.express?.cpuArchitecture === "ARM64") return ["linux/arm64"];
  return ["linux/amd64"];
}

/** Everything that can be checked before the image is built. */
export function checkCreation(inputs: Inputs, observed: Observed): readonly PlanFinding[] {
  if (!inputs.express) return [];
  const created = servicesToCreate(inputs, observed.services);
  if (created.length === 0) return observed.services.flatMap((service) => existingService(service));
  const ownDefinitions = createdWithoutDefinition(inputs, observed).length === 0;
  return [
    ...checkMembers(inputs.express, ownDefinitions, observed),
    ...checkInputs(inputs, ownDefinitions),
  ];
}

function existingService({ observed, name }: RequestedService): readonly PlanFinding[] {
  if (!observed || observed.raw.resourceManagementType === "ECS")
    return [
      logOnly(
        `${name} exists already: \`express\` is used only to create a service, and changes ` +
          "nothing.",
      ),
    ];
  return [
    blockingFinding(
      "InvalidInput",
      `Input express: service ${name} exists and is not an Express Mode service.`,
      `${nothingChanged} Remove \`express\`, or give the new service another name.`,
    ),
  ];
}

/** Types and unknown names, by the SDK's model; roles with a definition of its own. */
function checkMembers(
  express: JsonObject,
  ownDefinitions: boolean,
  { schemas }: Observed,
): readonly PlanFinding[] {
  const { unknown, mistyped } = checkAgainstSchema(express, schemas.createExpress);
  const refused = ["primaryContainer", "executionRoleArn", "taskRoleArn", "cpu", "memory"];
  const doubled = refused.filter((member) => express[member] !== undefined);
  return [
    ...mistyped.map(({ path, problem }) =>
      blockingFinding("InvalidInput", `Input express: ${path}: ${problem}`, nothingChanged),
    ),
    ...unknown.map(({ path, closest }) =>
      logOnly(
        `express: "${path}" is not a member that this action knows` +
          `${closest === undefined ? "." : `, did you mean "${closest}"?`} It is sent as it is.`,
      ),
    ),
    ...(ownDefinitions && doubled.length > 0
      ? [
          blockingFinding(
            "InvalidInput",
            `Input express: ${doubled.join(", ")} cannot be used together with task-definition, ` +
              "which has these settings itself.",
            nothingChanged,
          ),
        ]
      : []),
    ...(!ownDefinitions && express.executionRoleArn === undefined
      ? [
          blockingFinding(
            "InvalidInput",
            "Input express: executionRoleArn is missing. ECS needs it to pull the image and to " +
              "write the log.",
            nothingChanged,
          ),
        ]
      : []),
  ];
}

/** Inputs that need a service or a task definition that is there. */
function checkInputs(inputs: Inputs, ownDefinitions: boolean): readonly PlanFinding[] {
  const given: Readonly<Record<string, unknown>> = {
    "task-definition-patch": ownDefinitions ? undefined : inputs.taskDefinitionPatch,
    "task-definition-family": ownDefinitions ? undefined : inputs.taskDefinitionFamily,
    "pre-deploy-command": inputs.preDeployCommand,
    "pre-deploy-task-definition": inputs.preDeployTaskDefinition,
    "desired-count": inputs.desiredCount,
    "circuit-breaker-threshold": inputs.circuitBreakerThreshold,
    "service-patch": inputs.servicePatch,
  };
  const names = Object.keys(given).filter((name) => given[name] !== undefined);
  return [
    ...checkSeveralImages(inputs, ownDefinitions),
    ...names.map((name) =>
      blockingFinding(
        "InvalidInput",
        `Input ${name} cannot be used while the service does not exist: this run creates it.`,
        `${nothingChanged} Remove \`${name}\` for the first deployment.`,
      ),
    ),
  ];
}

/** Without a task definition of its own the service gets one container, whose name ECS gives. */
function checkSeveralImages({ image }: Inputs, ownDefinitions: boolean): readonly PlanFinding[] {
  const [{ container } = {}] = (image ?? []) as readonly Partial<RequestedImage>[];
  if (ownDefinitions || container === undefined) return [];
  return [
    blockingFinding(
      "InvalidInput",
      "Input image: a service that `express` creates has one container, so `image` is one image " +
        "without a container's name.",
      `${nothingChanged} Remove \`${container}=\`, or give \`task-definition\`.`,
    ),
  ];
}

/** `1024 CPU units, 2048 MiB, port 80`: as far as `express` says it. */
export function describeCreation(create: JsonObject): string {
  const container = objectOf(create.primaryContainer);
  const parts = [
    part("", create.cpu, " CPU units"),
    part("", create.memory, " MiB"),
    part("port ", container.containerPort, ""),
    part("health check ", create.healthCheckPath, ""),
  ].filter(Boolean);
  return parts.join(", ") || "with ECS's defaults";
}

function part(before: string, value: JsonValue | undefined, after: string): string {
  const text = stringOf(value) ?? numberOf(value)?.toString();
  if (text === undefined) return "";
  return `${before}${text}${after}`;
}
