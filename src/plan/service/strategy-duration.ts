// How long a deployment takes because of its own configuration, however fast its tasks start, PURE.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html

import { isAtOrAfter } from "../../ecs/lifecycle-stage.ts";
import { maxWaitMinutes } from "../../inputs/rollout-inputs.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { isJsonObject, type JsonObject, type JsonValue, numberOf, objectsOf } from "../../json.ts";
import { type PlanFinding, warning } from "../findings.ts";
import type { ServicePlan } from "../service-plan.ts";

interface StrategyPhase {
  readonly minutes: number;
  readonly what: string;
  /** It ends as soon as a person answers the hook. */
  readonly atMost?: true;
}

/** A wait shorter than the strategy always times out, even if the new version works. */
export function checkWaitMinutes(
  {
    waitForMinutes,
    waitForServiceStability,
    waitUntil,
  }: Pick<Inputs, "waitForMinutes" | "waitForServiceStability" | "waitUntil">,
  plans: readonly Pick<ServicePlan, "service" | "settings" | "upToDate">[],
): readonly PlanFinding[] {
  if (!waitForServiceStability) return [];
  return plans.flatMap(({ service, settings: { deploymentConfiguration }, upToDate }) => {
    const parts = upToDate ? [] : strategyParts(deploymentConfiguration, waitUntil);
    const sum = sumOf(parts);
    if (sum < waitForMinutes) return [];
    const breakdown = parts.map(({ minutes, what }) => `${what} ${minutes}`).join(" + ");
    const how = fixedMinutes(parts) >= waitForMinutes ? "would" : "may";
    return [
      warning(
        `${service.name}: its deployment configuration alone may take ${sum} minutes ` +
          `(${breakdown}), and wait-for-minutes is ${waitForMinutes}: the step ${how} time out ` +
          `even if the version is good. ${waitRemedy(parts, waitForMinutes)}`,
      ),
    ];
  });
}

/** A remedy never exceeds the maximum of the input. */
function waitRemedy(parts: readonly StrategyPhase[], waitForMinutes: number): string {
  const [given, sum] = [fixedMinutes(parts), sumOf(parts)];
  const limit = `wait-for-minutes can be ${maxWaitMinutes} at most`;
  if (given >= maxWaitMinutes)
    return (
      `Because ${limit}, set wait-for-service-stability: false, and check in ECS how the ` +
      "deployment ends."
    );
  if (sum < maxWaitMinutes)
    return (
      "Set wait-for-minutes to more than " +
      `${sum}${given < waitForMinutes ? ", or answer the hook sooner" : ""}.`
    );
  if (given < waitForMinutes) return `Answer the hook sooner (${limit}).`;
  return `Set wait-for-minutes to more than ${given}, and answer the hook in that time (${limit}).`;
}

/** Without the phases that a person can end sooner. */
function fixedMinutes(parts: readonly StrategyPhase[]): number {
  return sumOf(parts.filter(({ atMost }) => !atMost));
}

function sumOf(parts: readonly StrategyPhase[]): number {
  return parts.reduce((sum, { minutes }) => sum + minutes, 0);
}

/** Phases after the stage of `wait-until` are not waited for. */
function strategyParts(
  configuration: JsonObject,
  waitUntil: Inputs["waitUntil"],
): readonly StrategyPhase[] {
  const parts = [
    ...shiftParts(configuration).filter(() => waitsForShift(waitUntil)),
    ...pauseParts(configuration),
    ...bakeParts(configuration, waitUntil),
  ];
  return parts.filter(({ minutes }) => minutes > 0);
}

/** All of the traffic is on the new revision only after the stage PRODUCTION_TRAFFIC_SHIFT. */
function waitsForShift(waitUntil: Inputs["waitUntil"]): boolean {
  return waitUntil === undefined || isAtOrAfter(waitUntil, "POST_PRODUCTION_TRAFFIC_SHIFT");
}

/** Rolling deployments have no bake time of this kind, but they have PAUSE hooks. */
function bakeParts(
  { strategy = "ROLLING", bakeTimeInMinutes }: JsonObject,
  waitUntil: Inputs["waitUntil"],
): readonly StrategyPhase[] {
  const isAwaited = waitUntil === undefined || waitUntil === "CLEAN_UP";
  if (strategy === "ROLLING" || !isAwaited) return [];
  return [{ minutes: numberOf(bakeTimeInMinutes) ?? 0, what: "bakeTimeInMinutes" }];
}

/** AWS's defaults; there is no step bake time after the last traffic shift. */
function shiftParts({
  strategy,
  linearConfiguration,
  canaryConfiguration,
}: JsonObject): readonly StrategyPhase[] {
  if (strategy === "LINEAR") {
    const steps = Math.ceil(100 / member(linearConfiguration, "stepPercent", 10)) - 1;
    const minutes = member(linearConfiguration, "stepBakeTimeInMinutes", 6);
    return [{ minutes: steps * minutes, what: `${steps} × stepBakeTimeInMinutes of ${minutes} =` }];
  }
  if (strategy === "CANARY")
    return [
      {
        minutes: member(canaryConfiguration, "canaryBakeTimeInMinutes", 10),
        what: "canaryBakeTimeInMinutes",
      },
    ];
  return [];
}

/** A PAUSE hook waits for a person: a day by default. */
function pauseParts({ lifecycleHooks }: JsonObject): readonly StrategyPhase[] {
  const pauses = objectsOf(lifecycleHooks).filter(({ targetType }) => targetType === "PAUSE");
  return pauses.flatMap(({ timeoutConfiguration, lifecycleStages }) => {
    const stages = Array.isArray(lifecycleStages) ? lifecycleStages.length : 1;
    const minutes = stages * member(timeoutConfiguration, "timeoutInMinutes", 1440);
    return [{ minutes, what: "PAUSE hook, at most", atMost: true }];
  });
}

function member(object: JsonValue | undefined, name: string, defaultValue: number): number {
  return (isJsonObject(object) ? numberOf(object[name]) : undefined) ?? defaultValue;
}
