// Whether the service can run the new task definition, and can be rolled back, PURE.

import { shortRevision } from "../../ecs/arn.ts";
import { isExpressService } from "../../ecs/express.ts";
import type {
  Lookup,
  ObservedService,
  ObservedTaskDefinition,
  PastDeployment,
} from "../../ecs/observed.ts";
import type { RequestSchemas } from "../../ecs/request-schema.ts";
import type { Inputs } from "../../inputs/schema.ts";
import {
  type JsonObject,
  type JsonValue,
  numberOf,
  objectOf,
  objectsOf,
  stringOf,
} from "../../json.ts";
import { blockingFinding, logOnly, type PlanFinding, warning } from "../findings.ts";
import { type BrokenRule, findBrokenRules } from "../task-definition/rules/rule.ts";
import { checkExpressService, whenBusyOf } from "./check-express.ts";
import { primaryDeploymentOf } from "./service.ts";
import { checkPatchedMembers, currentMembers, withMembers } from "./service-patch.ts";
import type { ServiceSettings } from "./service-settings.ts";
import { hasHealthCheck, isBehindLoadBalancer, namedPorts } from "./traffic.ts";
import {
  compatibilityRules,
  isBehindClassicLoadBalancer,
  type UpdateView,
  updateRules,
} from "./update-rules.ts";

interface ServiceView {
  readonly service: ObservedService;
  /** The whole new task definition. */
  readonly definition: JsonObject;
  /** The task definition that runs. */
  readonly running: JsonObject;
  /** The settings after the update. */
  readonly settings: ServiceSettings;
  readonly inputs: Pick<
    Inputs,
    "desiredCount" | "circuitBreakerThreshold" | "servicePatch" | "whenBusy"
  >;
  readonly shapes: RequestSchemas;
  /** Whether a gateway sends traffic to it; undefined: it does not matter. */
  readonly gateway: Lookup<boolean> | undefined;
}

export function checkService(before: ServiceView): readonly PlanFinding[] {
  const view = { ...before, service: withMembers(before.service, before.settings.members) };
  return [
    ...checkUpdate(view, before.service),
    ...checkPatchedMembers(before.service, view.settings, view.shapes),
    ...checkTrafficTargets(view),
    ...checkRollingCapacity(view),
    ...checkHealth(view),
  ];
}

/** Express Mode has its own rules for the container and the port behind its load balancer. */
function checkTrafficTargets(view: ServiceView): readonly PlanFinding[] {
  if (isExpressService(view.service))
    return checkExpressService(view.service, view.definition, view.inputs);
  return checkPorts(view);
}

const nothingChangedHint = "Nothing was built or changed.";

/**
 * The table of rules. ECS has accepted the service's current settings; only problems that this run
 * adds are refused.
 */
function checkUpdate(
  { service, definition, settings, inputs }: ServiceView,
  { raw: rawBefore }: ObservedService,
): readonly PlanFinding[] {
  const { desiredCount, circuitBreakerThreshold, servicePatch } = inputs;
  const patch = objectOf(servicePatch?.deploymentConfiguration);
  const view = (configuration: JsonObject): UpdateView => ({
    service: service.raw,
    definition,
    configuration,
    requested: {
      desiredCount: desiredCount !== undefined,
      circuitBreaker:
        circuitBreakerThreshold !== undefined || (patch.deploymentCircuitBreaker ?? null) !== null,
    },
  });
  const none = { desiredCount: false, circuitBreaker: false };
  const before = findBrokenRules(updateRules, {
    ...view(service.deploymentConfiguration),
    service: rawBefore,
    requested: none,
  });
  const isUnchanged = ({ path, problem }: BrokenRule) =>
    before.some((one) => one.path === path && one.problem === problem);
  return [
    ...findBrokenRules(updateRules, view(settings.deploymentConfiguration))
      .filter((one) => !isUnchanged(one))
      .map((one) =>
        blockingFinding(
          "InvalidInput",
          `${service.name}: ${one.path} ${one.problem}. ${one.remedy}`,
          nothingChangedHint,
        ),
      ),
    ...findBrokenRules(compatibilityRules, view(settings.deploymentConfiguration)).map((one) =>
      blockingFinding(
        "TaskDefinitionInvalid",
        `${service.name}: ${one.path} ${one.problem}. ${one.remedy}`,
        nothingChangedHint,
      ),
    ),
    ...(settings.breakerUnavailable
      ? [
          logOnly(
            `${service.name} is behind a Classic Load Balancer, where ECS has no circuit ` +
              "breaker: the update leaves it out, and a failing deployment continues until it is " +
              "rolled back or replaced.",
          ),
        ]
      : []),
  ];
}

/**
 * Ports that receive traffic must exist: ECS reports a missing one only after the first task has
 * started.
 */
function checkPorts({ service, definition, settings }: ServiceView): readonly PlanFinding[] {
  const containers = objectsOf(definition.containerDefinitions);
  const targets = [
    ...objectsOf(service.raw.loadBalancers),
    ...objectsOf(service.raw.serviceRegistries),
  ];
  const broken = targets.flatMap((target) =>
    trafficTargetProblems(target, containers, service.name),
  );
  const { serviceConnectConfiguration } = { ...currentMembers(service), ...settings.members };
  const connect = objectOf(serviceConnectConfiguration);
  const portNames = new Set(
    containers.flatMap(({ portMappings }) => objectsOf(portMappings).map(({ name }) => name)),
  );
  const nameless = objectsOf(connect.services)
    .filter(({ portName }) => portName !== undefined && !portNames.has(portName))
    .map(
      ({ portName }) =>
        `Service Connect of ${service.name} uses the port named "${stringOf(portName)}", which ` +
        "no container has.",
    );
  const unknownPorts = namedPorts(service)
    .filter(({ portName }) => !portNames.has(portName))
    .map(
      ({ sender, portName }) =>
        `${sender} of ${service.name} uses the port named "${portName}", which no container has.`,
    );
  const hint =
    "Nothing was built or changed. Give the container that port in the task definition " +
    "(portMappings), or change the service's own settings first.";
  return [...broken, ...nameless, ...unknownPorts].map((message) =>
    blockingFinding("PortMissing", message, hint),
  );
}

function trafficTargetProblems(
  target: JsonObject,
  containers: readonly JsonObject[],
  service: string,
): readonly string[] {
  const [name, port] = [stringOf(target.containerName), numberOf(target.containerPort)];
  if (name === undefined) return [];
  const isDiscovery = target.targetGroupArn === undefined && target.loadBalancerName === undefined;
  const what = `${isDiscovery ? "Service discovery" : "The load balancer"} of ${service}`;
  const container = containers.find((one) => one.name === name);
  const names = containers.map((one) => `"${stringOf(one.name)}"`).join(", ");
  if (!container)
    return [
      `${what} sends traffic to container "${name}", which the task definition does not have ` +
        `(it has ${names}).`,
    ];
  if (port === undefined) return [];
  const ports = objectsOf(container.portMappings);
  if (
    ports.some(
      (mapping) => mapping.containerPort === port || inRange(mapping.containerPortRange, port),
    )
  )
    return [];
  const has = ports
    .map(({ containerPort, containerPortRange }) => String(containerPort ?? containerPortRange))
    .join(", ");
  const offered = has === "" ? "no ports" : `only ${has}`;
  return [`${what} sends traffic to port ${port} of "${name}", which has ${offered}.`];
}

function inRange(range: JsonValue | undefined, port: number): boolean {
  const [first = 0, last = 0] = (stringOf(range) ?? "").split("-").map(Number);
  return first <= port && port <= last;
}

/**
 * Capacity to start one more task or to stop one: ECS rounds the minimum up and the maximum down.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
function checkRollingCapacity({ service, settings }: ServiceView): readonly PlanFinding[] {
  const { deploymentConfiguration, desiredCount = service.desiredCount } = settings;
  const { minimumHealthyPercent, maximumPercent, strategy = "ROLLING" } = deploymentConfiguration;
  const [min, max] = [numberOf(minimumHealthyPercent) ?? 100, numberOf(maximumPercent) ?? 200];
  if (desiredCount === 0 || strategy !== "ROLLING" || service.raw.schedulingStrategy === "DAEMON")
    return [];
  const capacity = Math.floor((max * desiredCount) / 100) - Math.ceil((min * desiredCount) / 100);
  if (capacity >= 1) return [];
  return [
    blockingFinding(
      "NoRollingCapacity",
      `Service ${service.name} has no capacity for a rolling update: desired count ` +
        `${desiredCount}, maximumPercent ${max} allows ${Math.floor((max * desiredCount) / 100)} ` +
        `tasks, minimumHealthyPercent ${min} keeps ${Math.ceil((min * desiredCount) / 100)} of ` +
        "them running.",
      "Nothing was built or changed. ECS could neither start nor stop a task. Change the " +
        "percentages, for example " +
        '`service-patch: "{deploymentConfiguration: {maximumPercent: 200}}"`.',
    ),
  ];
}

/**
 * Three of four task definitions in public repositories have no health check, so this is not
 * refused, but the breaker then detects only crashes. A warning if the running revision still has
 * one; otherwise a line of the log.
 */
function checkHealth({
  service,
  definition,
  running,
  gateway = { value: false },
}: ServiceView): readonly PlanFinding[] {
  if (hasHealthCheck(definition) || isBehindLoadBalancer(service)) return [];
  if ("error" in gateway) {
    const what = `whether a gateway checks the health of ${service.name}`;
    return [{ severity: "not-checked", what, why: gateway.error }];
  }
  if (gateway.value) return [];
  const message =
    `${service.name}: no container or load balancer health check: "healthy" only means started, ` +
    "and the circuit breaker detects only crashes.";
  if (hasHealthCheck(running)) return [warning(message)];
  return [logOnly(message)];
}

/**
 * Certain if a current deployment is COMPLETED; otherwise the history decides. `history` undefined:
 * it is not needed.
 */
export function checkRollbackRevision(
  { name, deployments, desiredCount, raw }: ObservedService,
  history: Lookup<readonly PastDeployment[]> | undefined,
): readonly PlanFinding[] {
  if (isBehindClassicLoadBalancer(raw)) return [];
  if (
    desiredCount === 0 ||
    !history ||
    deployments.some(({ rolloutState }) => rolloutState === "COMPLETED")
  )
    return [];
  if ("error" in history)
    return [
      {
        severity: "not-checked",
        what: `whether ${name} has a revision to roll back to`,
        why: history.error,
      },
    ];
  if (history.value.some(({ status }) => status === "SUCCESSFUL")) return [];
  return [
    warning(
      `${name} has never completed a deployment: if this one fails, the circuit breaker has no ` +
        "revision to roll back to, and starts no more tasks.",
    ),
  ];
}

interface ConcurrentDeploymentView {
  readonly service: ObservedService;
  readonly running: ObservedTaskDefinition;
  /** The active deployment is the requested one: it is joined. */
  readonly joinsActive: boolean;
  readonly whenBusy: Inputs["whenBusy"];
  readonly waitMinutes: number;
  /** Now, in milliseconds. */
  readonly now: number;
}

export function checkConcurrentDeployment({
  service,
  running,
  joinsActive,
  whenBusy: requested,
  waitMinutes,
  now,
}: ConcurrentDeploymentView): readonly PlanFinding[] {
  const whenBusy = whenBusyOf(service, requested);
  const primary = primaryDeploymentOf(service);
  if (primary?.rolloutState !== "IN_PROGRESS" || joinsActive) return [];
  const minutes = Math.max(0, Math.round((now - primary.createdAt) / 60_000));
  const registeredBy = stringOf(running.definition.registeredBy);
  const revision = shortRevision(primary.taskDefinitionArn);
  const registrant = registeredBy === undefined ? "" : `, registered by ${registeredBy}`;
  const what =
    `${service.name} has a deployment in progress: ${revision} since ` +
    `${new Date(primary.createdAt).toISOString().slice(0, 16).replace("T", " ")} UTC (${minutes} ` +
    `min ago)${registrant}.`;
  if (whenBusy === "proceed")
    return [warning(`${what} ECS replaces that deployment with this one (when-busy: proceed).`)];
  return [
    blockingFinding(
      "DeploymentInProgress",
      whenBusy === "wait" ? `${what} It did not finish within ${waitMinutes} minutes.` : what,
      `Nothing was built or changed. Run the job again when it has finished${replaceHint(service)}. ` +
        "A `concurrency` group prevents concurrent runs of one repository.",
    ),
  ];
}

/** A deployment of an Express Mode service must not be replaced. */
function replaceHint(service: ObservedService): string {
  if (isExpressService(service)) return "";
  return ", or replace it: `when-busy: proceed`";
}
