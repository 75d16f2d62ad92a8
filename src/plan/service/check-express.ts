// Whether an Express Mode service can take the new revision, PURE; and services that ECS answers
// without a task definition, which would fall out of every plan.

import { isExpressService } from "../../ecs/express.ts";
import type { ObservedService } from "../../ecs/observed.ts";
import type { DeployErrorDetails } from "../../errors.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { type JsonObject, objectsOf, stringOf } from "../../json.ts";
import { blockingFinding, nothingChanged, type PlanFinding } from "../findings.ts";

export function unsupportedServiceProblem(
  { name, clusterName, taskDefinitionArn, raw }: ObservedService,
  region: string,
): DeployErrorDetails | undefined {
  if (taskDefinitionArn !== "") return undefined;
  const service = `Service "${name}" in cluster "${clusterName}" (${region})`;
  if (isExpressService({ raw }))
    return {
      code: "ServiceNotActive",
      message: `${service} is an Express Mode service that has no deployment yet.`,
      hint:
        `${nothingChanged} ECS may still be creating it: run the job again in some minutes, or ` +
        "check it with `aws ecs describe-express-gateway-service`.",
    };
  return {
    code: "ControllerUnsupported",
    message: `${service} has no task definition, so there is nothing to deploy a new revision of.`,
    hint:
      `${nothingChanged} Is it deployed by another tool, with task sets? Then deploy with that ` +
      "tool.",
  };
}

type SettingInputs = Pick<
  Inputs,
  "desiredCount" | "circuitBreakerThreshold" | "servicePatch" | "whenBusy"
>;

/** What `when-busy` means for this service. */
export function whenBusyOf(
  service: ObservedService,
  whenBusy: Inputs["whenBusy"],
): Exclude<Inputs["whenBusy"], "auto"> {
  if (whenBusy !== "auto") return whenBusy;
  if (isExpressService(service)) return "wait";
  return "proceed";
}

/** What the service's own definition must have, and the inputs that Express Mode does not take. */
export function checkExpressService(
  service: ObservedService,
  definition: JsonObject,
  inputs: SettingInputs,
): readonly PlanFinding[] {
  return [
    ...checkSettings(service.name, inputs),
    ...checkWhenBusy(service.name, inputs),
    ...checkMainContainer(service.name, definition),
  ];
}

/**
 * Two overlapping updates can leave the listener rule with both target groups; from then on ECS
 * rolls back every deployment.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html
 */
function checkWhenBusy(
  name: string,
  { whenBusy }: Pick<SettingInputs, "whenBusy">,
): readonly PlanFinding[] {
  if (whenBusy !== "proceed") return [];
  return [
    blockingFinding(
      "InvalidInput",
      `Input when-busy cannot be "proceed" with ${name}, an Express Mode service: an update ` +
        "during another deployment can leave the traffic split between two target groups, and " +
        "ECS then rolls back every later deployment.",
      `${nothingChanged} Use \`when-busy: wait\` (the default for Express Mode) or \`stop\`.`,
    ),
  ];
}

/** ECS owns these settings of an Express Mode service. */
function checkSettings(
  name: string,
  { desiredCount, circuitBreakerThreshold, servicePatch }: SettingInputs,
): readonly PlanFinding[] {
  const given = {
    "desired-count": desiredCount,
    "circuit-breaker-threshold": circuitBreakerThreshold,
    "service-patch": servicePatch,
  };
  const names = Object.entries(given).flatMap(([input, value]) => {
    if (value === undefined) return [];
    return [input];
  });
  return names.map((input) =>
    blockingFinding(
      "InvalidInput",
      `Input ${input} cannot be used with ${name}, an Express Mode service: ` +
        ownersOfSettings[input as keyof typeof ownersOfSettings],
      `${nothingChanged} Remove \`${input}\`.`,
    ),
  );
}

const ownersOfSettings = {
  "desired-count":
    "its scaling target sets the number of tasks (`scalingTarget` of " +
    "`aws ecs update-express-gateway-service`).",
  "circuit-breaker-threshold":
    "ECS manages its deployment configuration, with the circuit breaker on.",
  "service-patch":
    "ECS manages its settings: network, load balancer, scaling, and a canary deployment with " +
    "circuit breaker and alarm.",
} as const;

/**
 * ECS refuses any other definition in UpdateExpressGatewayService, so the service could not be
 * changed by Express Mode's own calls any more.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-troubleshooting.html
 */
function checkMainContainer(name: string, definition: JsonObject): readonly PlanFinding[] {
  const problems = [mainContainerProblem(definition), fargateProblem(definition)].flatMap(
    (problem) => problem ?? [],
  );
  return problems.map((problem) =>
    blockingFinding(
      "TaskDefinitionInvalid",
      `${name} is an Express Mode service: ${problem}`,
      `${nothingChanged} Express Mode requires a container named "Main" with exactly one TCP ` +
        "port mapping that has a containerPort and a name, on Fargate.",
    ),
  );
}

function mainContainerProblem({ containerDefinitions }: JsonObject): string | undefined {
  const containers = objectsOf(containerDefinitions);
  const main = containers.find((container) => container.name === "Main");
  if (!main) {
    const names = containers.map((container) => `"${stringOf(container.name)}"`).join(", ");
    return `its task definition has no container "Main" (it has ${names}).`;
  }
  const ports = objectsOf(main.portMappings);
  if (ports.length !== 1) return `container "Main" has ${ports.length} port mappings, not one.`;
  const [{ containerPort, name, protocol = "tcp" } = {}] = ports;
  if (protocol !== "tcp") return `the port of container "Main" is ${protocol}, not tcp.`;
  if (containerPort === undefined || name === undefined)
    return 'the port mapping of container "Main" lacks containerPort or name.';
  return undefined;
}

function fargateProblem({ requiresCompatibilities }: JsonObject): string | undefined {
  if (Array.isArray(requiresCompatibilities) && requiresCompatibilities.includes("FARGATE"))
    return undefined;
  return "its task definition does not have FARGATE in requiresCompatibilities.";
}
