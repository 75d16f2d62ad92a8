// Which settings of a service change besides its task definition, PURE. Settings that are not
// requested are kept.

import { isExpressService } from "../../ecs/express.ts";
import type { ObservedService } from "../../ecs/observed.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { isJsonObject, type JsonObject, type JsonValue, objectOf } from "../../json.ts";
import { mergePatch } from "../task-definition/merge-patch.ts";
import { isApplied, patchedMembers, withMembers } from "./service-patch.ts";
import { isBehindClassicLoadBalancer } from "./update-rules.ts";

export interface ServiceSettings {
  /** The whole of it, as it will be. */
  readonly deploymentConfiguration: JsonObject;
  /** Further members of UpdateService that change, each whole, as it will be. */
  readonly members: JsonObject;
  /** ECS manages it (Express Mode), so the update does not contain it. */
  readonly configurationManagedByEcs?: true;
  readonly desiredCount?: number | undefined;
  readonly forceNewDeployment: boolean;
  /** The service is behind a Classic Load Balancer: the update contains no breaker. */
  readonly breakerUnavailable?: boolean;
  /** A requested setting differs from the service's current one. */
  readonly changed: boolean;
}

type ServiceSettingInputs = Pick<
  Inputs,
  "desiredCount" | "forceNewDeployment" | "circuitBreakerThreshold" | "servicePatch"
>;

/** No setting is requested. */
export const noChanges: ServiceSettingInputs = {
  desiredCount: undefined,
  forceNewDeployment: false,
  circuitBreakerThreshold: undefined,
  servicePatch: undefined,
};

/**
 * The configuration is sent whole, as the service has it, with the breaker on: whether ECS keeps
 * members that are left out *inside* it is not documented. Only `service-patch` can switch the
 * breaker off. Behind a Classic Load Balancer ECS refuses a breaker, even one that
 * is switched off. https://github.com/aws/containers-roadmap/issues/1272
 */
export function planSettings(
  service: ObservedService,
  inputs: ServiceSettingInputs,
): ServiceSettings {
  if (isExpressService(service)) return keptSettings(service, inputs);
  const { desiredCount, circuitBreakerThreshold, servicePatch = {} } = inputs;
  const patch = objectOf(servicePatch.deploymentConfiguration);
  const members = patchedMembers(service, servicePatch);
  const { deploymentCircuitBreaker: breaker, ...rest } = service.deploymentConfiguration;
  const hasNoBreaker = isBehindClassicLoadBalancer(withMembers(service, members).raw);
  const wanted: JsonObject = {
    ...objectOf(breaker),
    enable: true,
    rollback: true,
    ...(circuitBreakerThreshold && { thresholdConfiguration: { ...circuitBreakerThreshold } }),
  };
  const base: JsonObject = hasNoBreaker
    ? rest
    : { ...service.deploymentConfiguration, deploymentCircuitBreaker: wanted };
  const requested: JsonObject = {
    ...(circuitBreakerThreshold && {
      deploymentCircuitBreaker: { thresholdConfiguration: { ...circuitBreakerThreshold } },
    }),
  };
  return {
    deploymentConfiguration: mergePatch(base, patch) as JsonObject,
    members,
    desiredCount,
    forceNewDeployment: inputs.forceNewDeployment,
    breakerUnavailable: hasNoBreaker,
    changed:
      inputs.forceNewDeployment ||
      (desiredCount !== undefined && desiredCount !== service.desiredCount) ||
      Object.keys(members).length > 0 ||
      !isApplied(service.deploymentConfiguration, requested) ||
      !isApplied(service.deploymentConfiguration, patch),
  };
}

/** ECS refuses other settings of an Express Mode service, and check-express.ts does before it. */
function keptSettings(
  { deploymentConfiguration }: ObservedService,
  { forceNewDeployment }: ServiceSettingInputs,
): ServiceSettings {
  return {
    deploymentConfiguration,
    members: {},
    configurationManagedByEcs: true,
    desiredCount: undefined,
    forceNewDeployment,
    changed: forceNewDeployment,
  };
}

/** `circuit breaker on`, `circuit breaker off`: after the update. */
export function describeBreaker({
  deploymentConfiguration,
  breakerUnavailable,
  configurationManagedByEcs,
}: ServiceSettings): string {
  if (configurationManagedByEcs) return describeManagedConfiguration(deploymentConfiguration);
  if (breakerUnavailable) return "without a circuit breaker";
  const breaker = deploymentConfiguration.deploymentCircuitBreaker;
  if (!isJsonObject(breaker) || breaker.enable !== true)
    return "circuit breaker off, as service-patch says";
  if (breaker.rollback === true) return "circuit breaker on";
  return "circuit breaker on, rollback off";
}

/** `canary 5 % for 3 minutes, bake time 3 minutes, circuit breaker and alarm web/RollbackAlarm`. */
function describeManagedConfiguration({
  canaryConfiguration,
  bakeTimeInMinutes,
  deploymentCircuitBreaker,
  alarms,
}: JsonObject): string {
  const canary = objectOf(canaryConfiguration);
  const { enable, alarmNames } = objectOf(alarms);
  const hasAlarms = enable === true && Array.isArray(alarmNames);
  const names = new Set(hasAlarms ? alarmNames : []);
  const parts = [
    describePart("canary", canary.canaryPercent, "%"),
    describePart("canary bake", canary.canaryBakeTimeInMinutes, "min"),
    describePart("bake time", bakeTimeInMinutes, "min"),
    describeEnabled("circuit breaker on", deploymentCircuitBreaker),
    [...names].map((name) => `alarm ${String(name)}`),
  ].flat();
  return ["managed by Express Mode", ...parts].join(", ");
}

function describeEnabled(what: string, value: JsonValue | undefined): string[] {
  if (objectOf(value).enable === true) return [what];
  return [];
}

function describePart(what: string, value: JsonValue | undefined, unit: string): string[] {
  if (value === undefined || value === null) return [];
  return [`${what} ${String(value)} ${unit}`];
}
